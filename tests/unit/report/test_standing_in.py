"""Staying and leaving early, where the share of those followed is hidden and the curve's own is not."""

import pytest

from pipeline.endings import DROPPED_OUT
from pipeline.report.disclosure.gate import Tables
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.standing_in import stands_in, staying
from pipeline.results import Result
from tests.spec.told_rows import released_of


def row(analysis, measure, estimate, stratum="", arm="iop"):
    return Result(
        question="C4",
        analysis=analysis,
        measure=measure,
        arm=arm,
        day=90,
        stratum=stratum,
        estimate=estimate,
        unit="share",
    )


CURVES = (row("retention", "cumulative_incidence", 0.25, DROPPED_OUT), row("retention", "survival", 0.4))


@pytest.mark.parametrize(("measure", "curves"), [("dropped_out", 0.25), ("retained", 0.4)])
def test_a_hidden_share_of_those_followed_gives_way_to_the_curves_own(measure, curves):
    told = staying(released_of(Tables(results=(row("scorecard", measure, SUPPRESSED), *CURVES))), measure, "iop", 90)
    assert told is not None
    assert (told.estimate, stands_in(told)) == (curves, True)


def test_a_share_that_is_told_stays():
    card = row("scorecard", "dropped_out", 0.2)
    told = staying(released_of(Tables(results=(card, *CURVES))), "dropped_out", "iop", 90)
    assert told is card
    assert not stands_in(told)


def test_where_the_curve_is_hidden_too_or_of_another_level_the_share_stays_hidden():
    card = row("scorecard", "dropped_out", SUPPRESSED)
    for curve in (row("retention", "cumulative_incidence", SUPPRESSED, DROPPED_OUT), CURVES[1], row("x", "y", 0.1)):
        assert staying(released_of(Tables(results=(card, curve))), "dropped_out", "iop", 90) is card
    others = row("retention", "cumulative_incidence", 0.25, DROPPED_OUT, "php")
    assert staying(released_of(Tables(results=(card, others))), "dropped_out", "iop", 90) is card
