"""What is checked of the results before they are written, with Python's assertions switched off as well."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.analysis.asking.run import check_results
from pipeline.analysis.headline import NaiveTwin
from pipeline.errors import BuildError, CarelevelsError, DisclosureError
from pipeline.results import Result, Verdict

ROOT = Path(__file__).parents[4]
ASKED = Result(question="C2", analysis="like_for_like", measure="difference", arm="iop", reference="inpatient")
WITHHELD = ASKED.refused(Verdict.NO_COMPARABLE, "too few comparable people")
TWIN = NaiveTwin("unadjusted", "nothing is adjusted for").beside(WITHHELD)
IN_SHORT = """
from pipeline.analysis.asking.run import check_results
from pipeline.errors import CarelevelsError
from pipeline.results import GateWord, Result
row = Result(question="C2", analysis="claim", measure="difference", estimate=1.0, gate=GateWord.WITHHELD, reason="few")
try:
    check_results([row])
except CarelevelsError as refused:
    print(type(refused).__name__, __debug__)
"""


def test_a_withheld_row_and_its_twin_without_numbers_may_be_written():
    check_results([WITHHELD, TWIN])


@pytest.mark.parametrize("name", ["estimate", "raw_estimate", "se", "low", "high", "p", "events", "numerator"])
def test_a_number_in_a_withheld_row_stops_the_run(name):
    with pytest.raises(DisclosureError, match=f"is withheld, and yet has {name}; this is a fault of the program"):
        check_results([replace(WITHHELD, **{name: 1})])


def test_a_number_in_the_naive_twin_of_a_withheld_row_stops_the_run():
    with pytest.raises(DisclosureError, match="as_observed"):
        check_results([WITHHELD, replace(TWIN, gate="", estimate=2.5)])


def test_beneath_a_withheld_row_only_what_its_limits_leave_open_has_a_number():
    beneath = replace(ASKED.beneath(), twin_of=WITHHELD.result_id, estimate=2.5)
    check_results([WITHHELD, replace(beneath, measure="compatible_low")])
    with pytest.raises(DisclosureError, match="e_value"):
        check_results([WITHHELD, replace(beneath, measure="e_value", reason="few")])


def test_nothing_is_withheld_without_a_reason():
    with pytest.raises(DisclosureError, match="without a reason"):
        check_results([replace(WITHHELD, reason="")])


def test_two_rows_of_one_name_stop_the_run():
    with pytest.raises(BuildError, match="result ids repeat: C2"):
        check_results([ASKED, ASKED])
    assert issubclass(BuildError, CarelevelsError)


def test_the_guards_hold_where_python_skips_assertions():
    ran = subprocess.run([sys.executable, "-O", "-c", IN_SHORT], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.split() == ["DisclosureError", "False"]
