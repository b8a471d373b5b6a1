"""A row of the results: filled from an estimate, blanked, refused, and the words it may carry."""

from typing import get_args

import numpy as np
import pytest

from pipeline.results import COUNTS, NUMBERS, GateWord, Result, Verdict
from pipeline.stats.estimate import wald
from pipeline.stats.proportions import wilson
from pipeline.stats.robustness import noninferiority

ROW = Result(question="C2", analysis="like_for_like", measure="difference", arm="iop", n=40, events=3, margin=1.0)


def told(row):
    return {name for name in NUMBERS if getattr(row, name) is not None}


def test_an_estimate_fills_a_row_in_improvement_and_on_the_scales_own_sign():
    found = wald(2.0, 0.5, df=30.0)
    row = ROW.filled(found, sign=-1.0, note="as measured")
    assert (row.estimate, row.raw_estimate, row.se, row.df, row.p) == (2.0, -2.0, 0.5, 30.0, found.p)
    assert (row.low, row.high, row.level) == (found.low, found.high, 0.95)
    assert ROW.filled(wald(2.0, 0.5, level=0.994)).level == 0.994
    assert (row.n, row.margin, row.note) == (40, 1.0, "as measured")


def test_what_has_no_scale_of_its_own_has_no_raw_estimate_and_a_test_not_made_has_no_p():
    row = ROW.filled(wald(2.0, 0.5), sign=None, p=None)
    assert told(row) == {"estimate", "se", "df", "low", "high", "level"}


def test_what_a_method_does_not_give_is_nothing_and_never_not_a_number():
    row = ROW.filled(wilson(3, 10))
    assert told(row) == {"estimate", "raw_estimate", "df", "low", "high", "level"}
    assert not any(isinstance(value, float) and np.isnan(value) for value in (row.se or 0.0, row.p or 0.0))


def test_a_row_with_limits_alone_says_nothing_of_errors_or_tests():
    assert told(ROW.limited(wilson(3, 10))) == {"estimate", "low", "high", "level"}


def test_a_refused_row_keeps_what_was_asked_and_loses_every_number_and_count():
    row = ROW.filled(wald(2.0, 0.5)).refused(Verdict.NO_COMPARABLE, "too few comparable people")
    assert (row.gate, row.verdict, row.reason) == ("withheld", "no comparable patients", "too few comparable people")
    assert all(getattr(row, name) is None for name in (*NUMBERS, *COUNTS))
    assert row.result_id == ROW.result_id
    assert row.margin == 1.0


def test_a_sensitivity_row_points_to_its_answer_and_starts_without_number_or_verdict():
    answer = ROW.filled(wald(2.0, 0.5), verdict=Verdict.BETTER, gate=GateWord.PASSED)
    row = answer.beneath(varied="another window", margin=None)
    assert (row.analysis, row.twin_of, row.verdict, row.gate) == ("sensitivity", answer.result_id, "", "")
    assert not told(row)
    assert (row.n, row.varied, row.margin) == (40, "another window", None)


def test_every_word_that_limits_are_judged_by_is_a_verdict():
    assert {Verdict(word) for word in get_args(noninferiority.Verdict)} < set(Verdict)
    assert all(word == Verdict(word) for word in get_args(noninferiority.Verdict))


def test_points_of_figures_and_checks_are_named_not_counted_off():
    from pipeline.results import AttritionStep, CurvePoint, Diagnostic, FigurePoint

    for kind in (AttritionStep, CurvePoint, Diagnostic, FigurePoint):
        with pytest.raises(TypeError):
            kind("C2", "balance")
