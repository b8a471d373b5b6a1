"""C7, cost beside effect: net benefit, acceptability and the cost plane of one comparison; exploratory, never about one
person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pipeline.analysis.headline import Asking
from pipeline.errors import NotEstimable
from pipeline.results import NO_NUMBERS, Analysis, FigurePoint, GateWord, Result, Verdict
from pipeline.stats.cost.adjusted_cost import CostAndEffect, incremental_of
from pipeline.stats.cost.cost import Incremental, acceptability_curve, net_monetary_benefit
from pipeline.stats.cost.cost_plane import QUARTERS, cost_plane
from pipeline.study import main_outcome

STEPS = 41  # points of the acceptability curve between nothing and the largest declared worth


def effect_rows(asking: Asking, found: CostAndEffect, row: Result) -> Iterator[Result | FigurePoint]:
    """The effect in the same people, what a unit of it costs where that means anything, and what both come to at each
    worth.

    Withheld where the comparison of the effect itself is withheld: its number must not come in by the back door.
    """
    study = asking.study
    scale = main_outcome(study)
    if scale is None:
        return
    outcome = f"reliable_{scale.name}"
    blank = replace(
        row,
        analysis="cost_effect",
        outcome=outcome,
        twin_of=row.result_id,
        verdict=Verdict.EXPLORATORY,
        ess=None,
        events=None,
        stratum=row.outcome,
        **NO_NUMBERS,
    )
    standing = next(
        (
            one
            for one in asking.answers
            if one.analysis == Analysis.LIKE_FOR_LIKE
            and one.outcome == outcome
            and (one.arm, one.reference) == (row.arm, row.reference)
            and one.measure == "risk_difference"
        ),
        None,
    )
    if standing is None or standing.gate == GateWord.WITHHELD or found.observed.min() == 0:
        reason = (standing and standing.reason) or "the effect was not compared for these two levels"
        verdict = Verdict(standing.verdict) if standing is not None and standing.verdict else Verdict.DESCRIPTIVE
        said = f"cost is not set against an effect that is not shown: {reason}"
        yield replace(blank, measure="net_monetary_benefit").refused(verdict, said)
        return
    blank = replace(blank, n=int(found.observed[1]), n_reference=int(found.observed[0]))
    try:
        both = incremental_of(found)
        yield blank.filled(both.effect, measure="effect_difference", unit="share")
        yield from ratio_row(both, blank)
        yield from benefit_rows(both, study.cost.worth, blank)
        yield from figures(both, study.cost.worth, row.result_id)
    except NotEstimable as why:
        yield replace(blank, measure="net_monetary_benefit", reason=str(why))


def ratio_row(both: Incremental, blank: Result) -> Iterator[Result]:
    """Cost per further person who reliably improves; a reason in place of a number where the effect may be nothing."""
    row = replace(blank, measure="cost_per_effect", note=both.note)
    yield replace(row, reason=both.note) if both.ratio is None else row.filled(both.ratio)


def benefit_rows(both: Incremental, worth: tuple[float, ...], blank: Result) -> Iterator[Result]:
    """Net monetary benefit at each declared worth of one more person who reliably improves."""
    for value in worth:
        benefit = net_monetary_benefit(both, value)
        yield blank.filled(benefit, measure="net_monetary_benefit", varied=f"worth {value:.0f}")


def figures(both: Incremental, worth: tuple[float, ...], result_id: str) -> Iterator[FigurePoint]:
    """The acceptability curve; the ellipse of both uncertainties and the chance of each quarter of the plane."""
    curve = acceptability_curve(both, np.linspace(0, max(worth), STEPS) if max(worth) > 0 else np.zeros(1))
    for value, chance in zip(curve.worth, curve.probability, strict=True):
        yield FigurePoint(
            result_id=result_id,
            figure="acceptability",
            series="chance that it is worth its cost",
            x=float(value),
            y=float(chance),
        )
    plane = cost_plane(both)
    yield FigurePoint(
        result_id=result_id, figure="cost_plane", series="estimate", x=both.effect.estimate, y=both.cost.estimate
    )
    for effect, money in zip(plane.effect, plane.cost, strict=True):
        yield FigurePoint(result_id=result_id, figure="cost_plane", series="ellipse", x=float(effect), y=float(money))
    for label, chance in zip(QUARTERS, plane.chance, strict=True):
        yield FigurePoint(result_id=result_id, figure="cost_plane", series="chance", y=float(chance), label=label)
