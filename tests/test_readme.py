"""What the README tells people to type exists and does what it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.command.options import parser

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def typed(program):
    """Every line of a code block, or inline code, that starts with this program."""
    blocks = re.findall(r"```[a-z]*\n(.*?)```", README, re.S)
    lines = [line for block in blocks for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", README)
    return [line.split("#")[0].strip() for line in lines if line.startswith(f"{program} ")]


def test_the_readme_starts_with_two_commands():
    assert typed("make")[:2] == ["make demo", "make test"]


@pytest.mark.parametrize("command", sorted(set(typed("make"))))
def test_each_make_target_exists(command):
    for target in command.split()[1:]:
        subprocess.run(["make", "-n", target], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize("command", sorted(set(typed("carelevels"))))
def test_each_command_is_one_the_command_line_knows(command):
    words = command.split()[1:]
    if words == ["--help"]:
        with pytest.raises(SystemExit) as left:
            parser().parse_args(words)
        assert left.value.code == 0
    else:
        assert parser().parse_args(words).command == words[0]


def test_the_lines_for_a_catalog_are_keys_of_the_engine_that_a_study_may_have():
    import tomllib

    from pipeline.study_toml.file import study_from

    [block] = [block for block in re.findall(r"```\n(.*?)```", README, re.S) if block.startswith("[engine]")]
    said = tomllib.loads(block)
    engine = study_from(ROOT, said).engine
    assert {key: getattr(engine, key) for key in said["engine"]} == said["engine"]
    assert engine.tables
    assert len(block.splitlines()) == 5


def test_each_link_of_the_readme_leads_to_a_file():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_each_dependency_is_named_with_its_reason():
    import tomllib

    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    for requirement in declared:
        assert re.split(r"[<>=]", requirement)[0] in README, requirement


def test_every_command_the_interface_promises_exists_and_explains_itself():
    promised = {
        "run",
        "synthesize",
        "ingest",
        "build",
        "analyze",
        "check",
        "quarantine",
        "report",
        "results",
        "pool",
        "freeze",
        "forget",
        "explain",
        "init",
        "map",
        "demo",
    }
    known = next(action for action in parser()._actions if action.choices).choices
    assert set(known) == promised
    assert all(sub.description for sub in known.values())


def test_a_wrong_word_is_a_usage_error():
    for words in (["runn", "data/demo"], ["run"], ["explain", "data/demo"], ["run", "data/demo", "--fast"]):
        done = subprocess.run(
            [sys.executable, "-m", "pipeline", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
