"""C7: what does starting at one level cost, later care included, against another, for similar people?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pipeline.analysis.comparison.controls import NOT_ASSESSED, check_controls, control_lines
from pipeline.analysis.comparison.diagnostics import diagnose
from pipeline.analysis.comparison.fitted import Comparison, coded_target, fit, named_target
from pipeline.analysis.comparison.like_for_like import crude_difference, level_note, whom
from pipeline.analysis.comparison.undeclared import NO_PAIR
from pipeline.analysis.comparison.verdicts import read_limits
from pipeline.analysis.contrasts import Endpoint, confirmatory_level
from pipeline.analysis.gate import DESCRIPTIVE, NO_COMPARABLE, Refusal, refusal
from pipeline.analysis.headline import Asking, headline, naive_twin, refused_with_twin
from pipeline.analysis.questions.cost_effect import effect_rows
from pipeline.analysis.questions.spending import Spending, SpendingOf, people_of, read_spending
from pipeline.errors import NotEstimable
from pipeline.results import Diagnostic, Result
from pipeline.stats.cost.adjusted_cost import CostAndEffect, arm_cost, cost_and_effect, cost_contrast
from pipeline.stats.cost.two_part_cost import two_part_difference
from pipeline.stats.estimate import Estimate
from pipeline.stats.sites import BEYOND_SITES
from pipeline.stats.weighting.arm_means import difference
from pipeline.stats.weighting.missing import observation_weights

ASSUMED = "These records are synthetic, and their prices are assumptions."
WHY = (
    "the index stay alone, without the care that followed it, and without adjusting for who starts where: a short stay"
    " with a long aftercare looks cheap, and so does a level that sicker people seldom start at"
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison of cost over one period: who was asked, what the gate looked at, and the estimate where it
    passed."""

    asked: SpendingOf
    comparison: Comparison | None
    found: CostAndEffect | None
    lines: tuple[Diagnostic, ...]
    refusal: Refusal | None


def cost(asking: Asking) -> Iterator[Any]:
    """The first pair over the longest period that can be observed is the answer; the other pairs and periods stand
    beside it."""
    study = asking.study
    pairs = sorted(study.comparison.contrasts, key=lambda pair: tuple(pair) != tuple(study.comparison.primary[:2]))
    spending = read_spending(asking)
    days = sorted(study.cost.days)
    if not pairs:
        row = headline(
            "C7",
            outcome=f"cost_day{days[-1]}",
            day=days[-1],
            measure="cost_difference",
            unit=spending.currency,
            target="overlap",
            estimator="weighted",
        )
        yield from without_answer(row, DESCRIPTIVE, spending.refusal or NO_PAIR)
    for place, pair in enumerate(pairs):
        missing = [arm for arm in pair if arm not in asking.records.arms]
        if spending.refusal or missing:
            words = spending.refusal or f"too few people started in {' and '.join(missing)}"
            verdict = DESCRIPTIVE if spending.refusal else NO_COMPARABLE
            yield from without_answer(row_of(asking, spending, pair, days[-1], place == 0), verdict, words)
            continue
        longest = longest_observable(asking, spending, pair, days)
        for period in [longest] if place else [longest, *(one for one in days if one < longest)]:
            yield from over(asking, spending, pair, period, place == 0 and period == longest)


def longest_observable(asking: Asking, spending: Spending, pair: tuple[str, str], days: list[int]) -> int:
    """The longest declared period to whose end enough people of both arms are followed; the shortest where there is
    none."""
    gate = asking.study.gate
    for period in reversed(days):
        people = people_of(asking.records, spending, asking.study, (pair[1], pair[0]), period).people
        known = people.groupby("arm")["outcome"].agg(["count", "size"])
        if (
            len(known) == 2
            and (known["count"] >= np.maximum(gate.min_observed, gate.min_observed_share * known["size"])).all()
        ):
            return period
    return days[0]


def row_of(asking: Asking, spending: Spending, pair: tuple[str, str], days: int, is_headline: bool) -> Result:
    """What the row of one comparison says whether or not it carries a number."""
    arm, reference = pair
    target = asking.study.comparison.target
    columns: dict[str, Any] = {
        "outcome": f"cost_day{days}",
        "day": days,
        "arm": arm,
        "reference": reference,
        "measure": "cost_difference",
        "unit": spending.currency,
        "target": named_target(target, (reference, arm)),
        "estimator": "weighted",
        "population": whom(target, (reference, arm), f"people who could have started in either {arm} or {reference}"),
    }
    return headline("C7", **columns) if is_headline else Result(question="C7", analysis="cost", **columns)


def without_answer(row: Result, verdict: str, reason: str) -> Iterator[Result]:
    """The refusal and its naive twin."""
    return refused_with_twin(row, verdict, reason, estimator="index stay only", why=WHY)


def over(asking: Asking, spending: Spending, pair: tuple[str, str], days: int, is_headline: bool) -> Iterator[Any]:
    """One pair over one period from its people to its rows."""
    row = row_of(asking, spending, pair, days, is_headline)
    compared = compare(asking, spending, pair, days, row.result_id)
    yield from compared.asked.steps
    yield from compared.lines
    if compared.refusal or compared.found is None or compared.comparison is None:
        reason = compared.refusal or Refusal(NO_COMPARABLE, "no estimate could be made")
        yield from without_answer(row, reason.verdict, reason.reason)
        return
    yield from estimated(asking, spending, compared, compared.comparison, compared.found, row)


def compare(asking: Asking, spending: Spending, pair: tuple[str, str], days: int, result_id: str) -> Compared:
    """Fits the comparison, looks at every line of the gate, and estimates cost and effect together where it passes."""
    study, arms = asking.study, (pair[1], pair[0])
    asked = people_of(asking.records, spending, study, arms, days)
    question = Endpoint("C7", f"cost_day{days}", days, "cost", spending.currency, None, True, None, "outcome", "")
    try:
        comparison = fit(asked.people, arms, study, question)
        checked = check_controls(comparison, asking.records.controls, study) if comparison.means else NOT_ASSESSED
        lines = (*diagnose(comparison, study, result_id), *control_lines(checked, study, result_id))
    except NotEstimable as why:
        return Compared(asked, None, None, (), Refusal(DESCRIPTIVE, str(why)))
    refusal_of = refusal(lines) or (None if comparison.means else Refusal(NO_COMPARABLE, comparison.failure))
    if refusal_of:
        return Compared(asked, comparison, None, lines, refusal_of)
    rows = comparison.rows
    effect = None if asked.effect is None else asked.effect[rows]
    if effect is not None and min(np.isfinite(effect[comparison.used_codes == code]).sum() for code in (0, 1)) == 0:
        effect = None
    try:
        found = cost_and_effect(
            asked.money[rows],
            asked.last[rows],
            asked.died[rows],
            effect,
            comparison.used_codes,
            comparison.design.values,
            comparison.site[rows],
            ends=asked.ends,
            target=coded_target(study.comparison.target, arms),
            inference=comparison.sites.method,
            max_observation_weight=study.gate.max_observation_weight,
        )
    except NotEstimable as why:
        return Compared(asked, comparison, None, lines, Refusal(DESCRIPTIVE, str(why)))
    return Compared(asked, comparison, found, lines, None)


def estimated(
    asking: Asking, spending: Spending, compared: Compared, comparison: Comparison, found: CostAndEffect, row: Result
) -> Iterator[Any]:
    """The adjusted difference, its naive twin, the mean of each arm, other estimators, and cost beside effect."""
    study, is_headline = asking.study, row.analysis == "claim"
    level = confirmatory_level(study) if is_headline else 0.95
    money = cost_contrast(found, level=level)
    question = Endpoint("C7", row.outcome, row.day or 0, "cost", row.unit, None, True, None, "outcome", "")
    note = " ".join(
        filter(
            None,
            (
                f"{spending.about[0].upper()}{spending.about[1:]}.",
                comparison.sites.sentence,
                ASSUMED if study.study.synthetic else "",
            ),
        )
    )
    row = replace(
        row,
        gate="passed",
        verdict=read_limits(question, money) if is_headline else "exploratory",
        note=note,
        n=int(found.n[1]),
        n_reference=int(found.n[0]),
        ess=float(min(found.ess)),
        **numbers(money),
    )
    yield replace(row, note=f"{note} {level_note(level)}".strip())
    yield naive(compared.asked, comparison, row)
    for code, arm in enumerate(comparison.arms):
        mean = arm_cost(found, code)
        yield replace(
            row,
            analysis="cost",
            measure="adjusted_mean",
            arm=arm,
            reference="",
            stratum=f"{row.arm} or {row.reference}",
            verdict="",
            n=int(found.n[code]),
            n_reference=None,
            ess=float(found.ess[code]),
            twin_of=row.result_id,
            **numbers(mean) | {"p": None},
        )
    yield from other_estimators(asking, compared.asked, comparison, row)
    yield from effect_rows(asking, found, row)


def numbers(found: Estimate) -> dict[str, float]:
    """The columns of a results row that an estimate fills."""
    return {
        "estimate": found.estimate,
        "raw_estimate": found.estimate,
        "se": found.se,
        "df": found.df,
        "low": found.low,
        "high": found.high,
        "p": found.p,
    }


def naive(asked: SpendingOf, comparison: Comparison, row: Result) -> Result:
    """Mean cost of the index stay alone, of everybody with amounts, unadjusted."""
    amount = asked.people["index_amount"].to_numpy(dtype=np.float64)
    one, other = (amount[(comparison.codes == code) & np.isfinite(amount)] for code in (1, 0))
    found = crude_difference(one, other)
    return naive_twin(row, estimator="index stay only", why=WHY, n=len(one), n_reference=len(other), **numbers(found))


def other_estimators(asking: Asking, asked: SpendingOf, comparison: Comparison, row: Result) -> Iterator[Result]:
    """The same difference by a model of costs (two parts, gamma), and by weights augmented with a linear one."""
    blank = replace(row, analysis="sensitivity", verdict="", gate="", twin_of=row.result_id, note="", ess=None)
    means = comparison.means
    assert means is not None
    yield replace(
        blank,
        estimator="augmented",
        varied="weights augmented by a linear model of cost",
        **numbers(difference(means, 1, 0)),
    )
    rows = comparison.rows
    site = np.unique(comparison.site[rows], return_inverse=True)[1]
    known = np.isfinite(comparison.outcome[rows])
    unit = site if len(comparison.sites.sites) >= BEYOND_SITES else np.arange(rows.sum()) % 40
    varied = {"estimator": "two-part gamma", "varied": "a model of costs (any, and how much) in place of weights"}
    try:
        weights = observation_weights(
            comparison.design.values,
            comparison.used_codes,
            known,
            groups=site,
            max_weight=asking.study.gate.max_observation_weight,
        )
        found = two_part_difference(
            np.where(known, comparison.outcome[rows], 0.0),
            comparison.used_codes,
            comparison.design.values,
            means.tilt,
            weights.weights,
            site,
            unit,
        )
    except NotEstimable as why:
        yield replace(
            blank,
            **varied,
            **dict.fromkeys(("estimate", "raw_estimate", "se", "df", "low", "high", "p")),
            reason=str(why),
        )
        return
    yield replace(blank, **varied, **numbers(found))
