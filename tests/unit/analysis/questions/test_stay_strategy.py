"""Staying at least six weeks in IOP, from tables to rows, in a world where staying changes nothing and the ill leave."""

from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pytest

from pipeline.analysis.headline import Asking
from pipeline.analysis.questions import stay_strategy as family
from pipeline.analysis.questions.stay_strategy import grace_of, started_iop, stay_strategy, who_can_be_asked
from pipeline.choices.records import Episodes
from pipeline.results import Result
from tests.unit.analysis.made_records import made_records, study

SEEN = 400  # days from the start that records reach


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    monkeypatch.setattr(family, "DRAWS", 30)


def world(folder, n=1600, **changes):
    """Everybody in IOP; the ill leave sooner and come back more often, whether they stay or not."""
    records, rng = made_records(n=n, sites=6), np.random.default_rng(5)
    ill = records.scores["baseline_score"].to_numpy() - 15
    people = records.people.assign(level_of_care="IOP", arm="iop", observed_to_day=records.people["start_day"] + SEEN)
    days = np.ceil(rng.exponential(45 * np.exp(-0.06 * ill))).astype(int)
    back = np.ceil(rng.exponential(400 * np.exp(-0.10 * ill))).astype(int) + 1
    days = np.minimum(days, np.minimum(back, SEEN - 60))  # whoever is back in 24-hour care has stopped IOP
    return asking(folder, replace(records, people=people), days, back, **changes)


def asking(folder, records, days, back, **changes):
    people, con = records.people, duckdb.connect()
    stays = pd.DataFrame({"episode_id": people["episode_id"], "days": days, "days_latest": days, "ended": True})
    beds = pd.DataFrame({"patient_id": people["patient_id"], "start_day": people["start_day"] + back})
    deaths = pd.DataFrame({"patient_id": pd.Series(dtype=str), "death_day": pd.Series(dtype="int64")})
    for name, frame in (("stay_lengths", stays), ("stay_parts", beds), ("known_deaths", deaths)):
        con.register(name, frame)
    return Asking(con, records, study(folder, **changes), [])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return world(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def rows(made):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(family, "DRAWS", 30)
        return [row for row in stay_strategy(made) if isinstance(row, Result)]


def test_where_staying_changes_nothing_the_answer_holds_none_and_the_careless_count_does_not(rows):
    answer, careless = rows[0], rows[1]
    assert (answer.gate, answer.verdict) == ("passed", "exploratory")
    assert answer.low < 0 < answer.high
    assert careless.low > 0.1  # who came back soon cannot have stayed
    assert careless.twin_of == answer.result_id


def test_the_two_risks_stand_beside_it_and_differ_by_it_and_count_no_events(rows):
    stayed, left = [row for row in rows if row.measure == "risk"]
    assert left.estimate - stayed.estimate == pytest.approx(rows[0].estimate)
    assert {stayed.events, left.events} == {None}


def test_the_answer_says_what_it_takes_for_granted(rows):
    assert "how people did in care is not in it" in rows[0].note
    assert rows[0].note.startswith("This holds for these sites only.")


@pytest.mark.parametrize(
    ("days", "back", "changed", "sooner"),
    [
        (42, 399, 71, True),  # the 42nd day is day 41; thirty silent days later it is known
        (43, 399, 72, False),  # one day more is six weeks
        (20, 50, 49, True),
        (
            20,
            49,
            -1,
            False,
        ),  # back on the day on which leaving would be known: nobody knew, and both strategies count it
    ],
)
def test_leaving_is_known_when_the_silence_has_passed_and_not_before(made, days, back, changed, sooner):
    people = family.described(started_iop(made).assign(back=back, left=days - 1 + 30), made)
    assert (set(people.changed), set(people.started)) == ({changed}, {sooner})
    assert grace_of(made) == 71


def test_a_stay_that_is_still_open_is_followed_and_never_left(made):
    frame = started_iop(made).assign(left=family.NEVER, back=family.NEVER)
    people = family.described(frame, made)
    assert set(people.day) == {SEEN}
    assert not people.started.any()


def test_sites_where_all_stay_or_all_leave_are_left_out(made):
    frame = started_iop(made)
    alone = frame["site"] == "s0"
    frame.loc[alone, ["left", "back"]] = [29, family.NEVER]
    assert "s0" not in set(who_can_be_asked(frame, made).frame["site"])


def test_records_of_single_stays_and_ranges_of_days_are_not_asked(made, tmp_path):
    single = replace(made, study=study(tmp_path, episodes=Episodes(seen_after=False)))
    assert {row.gate for row in stay_strategy(single)} == {"withheld"}
    made.warehouse.execute(
        "CREATE OR REPLACE TEMP TABLE ranged AS SELECT * REPLACE (days + 7 AS days_latest) FROM stay_lengths"
    )
    ranged = duckdb.connect()
    ranged.register("stay_lengths", made.warehouse.execute("SELECT * FROM ranged").df())
    found = list(stay_strategy(replace(made, warehouse=ranged)))
    assert all("ranges of days" in row.reason for row in found)
