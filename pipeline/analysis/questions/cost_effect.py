"""C7, cost beside effect: net benefit, acceptability and the cost plane of one comparison; exploratory, never about one
person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pipeline.analysis.headline import Asking, refused
from pipeline.errors import NotEstimable
from pipeline.results import FigurePoint, Result
from pipeline.stats.cost.adjusted_cost import CostAndEffect, incremental_of
from pipeline.stats.cost.cost import Incremental, acceptability_curve, net_monetary_benefit
from pipeline.stats.cost.cost_plane import QUARTERS, cost_plane
from pipeline.stats.estimate import Estimate

STEPS = 41  # points of the acceptability curve between nothing and the largest declared worth


def effect_rows(asking: Asking, found: CostAndEffect, row: Result) -> Iterator[Result | FigurePoint]:
    """The effect in the same people, what a unit of it costs where that means anything, and what both come to at each
    worth.

    Withheld where the comparison of the effect itself is withheld: its number must not come in by the back door.
    """
    study = asking.study
    if not study.outcomes:
        return
    outcome = f"reliable_{study.outcomes[0].name}"
    blank = replace(
        row,
        analysis="cost_effect",
        outcome=outcome,
        twin_of=row.result_id,
        verdict="exploratory",
        ess=None,
        events=None,
        stratum=row.outcome,
        **dict.fromkeys(("estimate", "raw_estimate", "se", "df", "low", "high", "p")),
    )
    standing = next(
        (
            one
            for one in asking.answers
            if one.analysis == "like_for_like"
            and one.outcome == outcome
            and (one.arm, one.reference) == (row.arm, row.reference)
            and one.measure == "risk_difference"
        ),
        None,
    )
    if standing is None or standing.gate == "withheld" or found.observed.min() == 0:
        reason = (
            standing.reason
            if standing is not None and standing.reason
            else "the effect was not compared for these two levels"
        )
        yield refused(
            replace(blank, measure="net_monetary_benefit"),
            standing.verdict if standing is not None and standing.verdict else "descriptive only",
            f"cost is not set against an effect that is not shown: {reason}",
        )
        return
    blank = replace(blank, n=int(found.observed[1]), n_reference=int(found.observed[0]))
    try:
        both = incremental_of(found)
        yield replace(blank, measure="effect_difference", unit="share", **filled(both.effect))
        yield from ratio_row(both, blank)
        yield from benefit_rows(both, study.cost.worth, blank)
        yield from figures(both, study.cost.worth, row.result_id)
    except NotEstimable as why:
        yield replace(blank, measure="net_monetary_benefit", reason=str(why))


def filled(found: Estimate) -> dict[str, float | None]:
    """The columns of a results row that an estimate fills."""
    return {
        "estimate": found.estimate,
        "raw_estimate": found.estimate,
        "se": None if np.isnan(found.se) else found.se,
        "df": found.df,
        "low": found.low,
        "high": found.high,
        "p": None if np.isnan(found.p) else found.p,
    }


def ratio_row(both: Incremental, blank: Result) -> Iterator[Result]:
    """Cost per further person who reliably improves; a reason in place of a number where the effect may be nothing."""
    row = replace(blank, measure="cost_per_effect", note=both.note)
    yield replace(row, reason=both.note) if both.ratio is None else replace(row, **filled(both.ratio))


def benefit_rows(both: Incremental, worth: tuple[float, ...], blank: Result) -> Iterator[Result]:
    """Net monetary benefit at each declared worth of one more person who reliably improves."""
    for value in worth:
        yield replace(
            blank,
            measure="net_monetary_benefit",
            varied=f"worth {value:.0f}",
            **filled(net_monetary_benefit(both, value)),
        )


def figures(both: Incremental, worth: tuple[float, ...], result_id: str) -> Iterator[FigurePoint]:
    """The acceptability curve; the ellipse of both uncertainties and the chance of each quarter of the plane."""
    curve = acceptability_curve(both, np.linspace(0, max(worth), STEPS) if max(worth) > 0 else np.zeros(1))
    for value, chance in zip(curve.worth, curve.probability, strict=True):
        yield FigurePoint(
            result_id,
            "acceptability",
            "chance that it is worth its cost",
            float(value),
            float(chance),
            None,
            None,
            None,
            "",
        )
    plane = cost_plane(both)
    yield FigurePoint(
        result_id, "cost_plane", "estimate", both.effect.estimate, both.cost.estimate, None, None, None, ""
    )
    for effect, money in zip(plane.effect, plane.cost, strict=True):
        yield FigurePoint(result_id, "cost_plane", "ellipse", float(effect), float(money), None, None, None, "")
    for label, chance in zip(QUARTERS, plane.chance, strict=True):
        yield FigurePoint(result_id, "cost_plane", "chance", None, float(chance), None, None, None, label)
