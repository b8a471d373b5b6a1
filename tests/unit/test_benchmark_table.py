"""What the table of benchmarks calls met, fastest and too far apart."""

import json

import numpy as np
import pytest

from tests.benchmarks import table
from tests.benchmarks.measuring import Job, Measured, Peer, agreement, in_turns
from tests.benchmarks.table import markdown, met, ratio, row

HEAD = {"machine": "m", "ours": "o", "peers": "p", "threads": "t", "date": "2026-11-25"}


def line(**changed):
    peers = [
        {"name": "slow", "seconds": 8.0, "peak_mb": 10, "apart": 1e-5, "in": "SE", "agrees": True},
        {"name": "fast", "seconds": 2.0, "peak_mb": 10, "apart": 1e-5, "in": "SE", "agrees": True},
        {"name": "absent", "left_out": "it is not installed"},
    ]
    return {
        "job": "fit",
        "size": 1000,
        "unit": "people",
        "seconds": 0.5,
        "peak_mb": 50,
        "peers": peers,
        "date": "2026-11-25",
        "script": "curves",
        "bound": "what bounds it",
        **changed,
    }


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"times": 4}, True),
        ({"times": 4.1}, False),
        ({"at_most": 0.25}, True),
        ({"at_most": 0.2}, False),
        ({"limit": 0.5}, True),
        ({"limit": 0.4}, False),
        ({"peak_limit": 50}, False),
        ({"times": 4, "peak_limit": 50}, False),
        ({}, None),
        ({"times": 4, "peers": []}, None),
        ({"failed": "it fell over"}, False),
    ],
)
def test_a_line_is_met_against_the_fastest_peer_that_answered(changed, expected):
    assert met(line(**changed)) is expected


def test_the_page_says_what_is_missed_why_and_who_was_left_out():
    assert ratio(line()) == 4
    page = markdown([line(times=5), line(job="lost", failed="ours ended with 1", peers=[])], HEAD, small=False)
    assert "| fit | 1,000 people | 0.5 (50) | slow 8 (10); fast 2 (10) | 4 | ≥ 5× | **no** |" in page
    assert "- **fit, 1,000 people**: what bounds it." in page
    assert "- **lost, 1,000 people**: ours ended with 1." in page
    assert "- absent (fit): it is not installed." in page
    quick = markdown([line(times=5)], HEAD, small=True)
    assert "say nothing about the targets" in quick
    assert "**no**" not in quick
    assert "Missed" not in quick


def test_one_thread_is_marked_and_answers_too_far_apart_are_said():
    told = row(line(one_thread=True, peers=[{**line()["peers"][0], "agrees": False}]), small=False)
    assert "0.5¹ (50)" in told
    assert "slow 1e-05 SE (too far)" in told


def test_answers_are_compared_in_standard_errors_and_errors_by_share():
    job, peer = Job("fit", 1, errors=True), Peer("other", "", apart=0.1, errors_apart=0.01)
    ours = np.array([1.0, 2.0, 0.5, 0.5])
    assert agreement(job, peer, ours, np.array([1.04, 2.0, 0.5, 0.504]))["agrees"] is True
    assert agreement(job, peer, ours, np.array([1.06, 2.0, 0.5, 0.5]))["agrees"] is False
    assert agreement(job, peer, ours, np.array([1.0, 2.0, 0.5, 0.51]))["agrees"] is False
    assert agreement(job, peer, ours, np.array([1.0, 2.0]))["apart"] == 0
    assert agreement(job, peer, ours, np.array([1.0]))["agrees"] is False


def test_slow_peers_are_asked_once_failing_ones_are_named_and_the_faster_threads_count(monkeypatch):
    asked = []

    def measured(command, threads=""):
        asked.append((command[0], threads))
        if command[0] == "broken":
            raise ChildProcessError("ended with 1: no such thing")
        slow = command[0] == "slow"
        return Measured(60.0 if slow else 0.2 if threads else 0.3, 10.0, np.array([1.0]), threads, wall=60.0 * slow)

    monkeypatch.setattr("tests.benchmarks.measuring.measured", measured)
    told = {"slow": {}, "broken": {}}
    commands = {"": ["ours", "a.py"], "slow": ["slow", "peer.R"], "broken": ["broken", "a.py"]}
    taken = in_turns(commands, 3, told)
    assert asked.count(("slow", "")) == 1
    assert asked.count(("broken", "")) == 1
    assert told["broken"] == {"left_out": "ended with 1: no such thing"}
    assert [one.seconds for one in taken[""]] == [0.2] * 3


def test_a_run_of_one_script_keeps_the_rows_of_others(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "LINES", tmp_path / "results.jsonl")
    monkeypatch.setattr(table, "RESULTS", tmp_path / "RESULTS.md")
    order = ["curves", "hazards"]
    table.store([line(script="hazards", job="old hazard"), line(job="old curve")], order, HEAD)
    table.store([line(script="hazards", job="new hazard")], order, HEAD)
    jobs = [json.loads(one)["job"] for one in table.LINES.read_text().splitlines()]
    assert jobs == ["old curve", "new hazard"]
    assert "old hazard" not in table.RESULTS.read_text()
