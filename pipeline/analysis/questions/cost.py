"""C7: what does starting at one level cost, later care included, against another, for similar people?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.analysis.comparison.attempt import attempt
from pipeline.analysis.comparison.fitted import Comparison, Fitted, coded_target, named_target, whom
from pipeline.analysis.comparison.verdicts import level_note, read_limits, unless_turned
from pipeline.analysis.contrasts import Endpoint
from pipeline.analysis.descriptive import crude_twin
from pipeline.analysis.gate import Refused
from pipeline.analysis.headline import Asking, NaiveTwin, headline
from pipeline.analysis.lacking import NO_PAIR, too_few_started, too_few_with_start
from pipeline.analysis.questions.cost_effect import effect_rows
from pipeline.analysis.questions.spending import Spending, SpendingOf, people_of, read_spending
from pipeline.analysis.standing import level_of, standing_of
from pipeline.errors import NotEstimable
from pipeline.results import Analysis, GateWord, Result, Verdict
from pipeline.stats.cost.adjusted_cost import CostAndEffect, arm_cost, cost_and_effect, cost_contrast
from pipeline.stats.cost.two_part_cost import two_part_difference
from pipeline.stats.estimate import LEVEL
from pipeline.stats.weighting.arm_means import difference
from pipeline.stats.weighting.missing import observation_weights
from pipeline.study import Study, main_outcome

ASSUMED = "These records are synthetic, and their prices are assumptions."
TWIN = NaiveTwin(
    "index stay only",
    "the index stay alone, without the care that followed it, and without adjusting for who starts where: a short stay"
    " with a long aftercare looks cheap, and so does a level that sicker people seldom start at",
)


def cost(asking: Asking) -> Iterator[Any]:
    """The first pair over the longest period that can be observed is the answer; the other pairs and periods stand
    beside it."""
    study = asking.study
    pairs = pairs_in_order(study)
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
        yield from TWIN.refused(row, spending.refusal or NO_PAIR)
    for place, pair in enumerate(pairs):
        if lacking := spending.refusal or too_few_started(pair, asking.records):
            verdict = Verdict.DESCRIPTIVE if spending.refusal else Verdict.NO_COMPARABLE
            yield from TWIN.refused(row_of(asking, spending, pair, days[-1], place == 0), lacking, verdict)
            continue
        longest = longest_observable(asking, spending, pair, days)
        for period in [longest] if place else [longest, *(one for one in days if one < longest)]:
            yield from over(asking, spending, pair, period, place == 0 and period == longest)


def pairs_in_order(study: Study) -> list[tuple[str, str]]:
    """The declared pairs, the primary one first."""
    return sorted(study.comparison.contrasts, key=lambda pair: tuple(pair) != tuple(study.comparison.primary[:2]))


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


def over(asking: Asking, spending: Spending, pair: tuple[str, str], days: int, is_headline: bool) -> Iterator[Any]:
    """One pair over one period from its people to its rows: cost and effect are estimated together where the gate
    passes."""
    study, arms = asking.study, (pair[1], pair[0])
    row = row_of(asking, spending, pair, days, is_headline)
    asked = people_of(asking.records, spending, study, arms, days)
    yield from asked.steps
    scale = main_outcome(study)
    if scale is not None and (lacking := too_few_with_start(asking.records, arms, scale)):
        yield from TWIN.refused(row, lacking, Verdict.NO_COMPARABLE)
        return
    tried = attempt(asked.people, arms, study, endpoint_of(row), row.result_id, asking.records.controls)
    yield from tried.diagnostics
    if isinstance(tried, Refused):
        yield from TWIN.refused(row, tried.reason, tried.verdict)
        return
    try:
        found = adjusted_costs(asked, tried.fitted, study)
    except NotEstimable as why:
        yield from TWIN.refused(row, str(why))
        return
    yield from estimated(asking, spending, asked, tried.fitted, found, row)


def endpoint_of(row: Result) -> Endpoint:
    """Cost as the engine compares it: less is better."""
    return Endpoint(code="C7", name=row.outcome, day=row.day or 0, kind="cost", unit=row.unit, harm=True)


def adjusted_costs(asked: SpendingOf, comparison: Fitted, study: Study) -> CostAndEffect:
    """Costs of both arms, with the effect in the same people where both arms have it measured."""
    rows = comparison.rows
    effect = None if asked.effect is None else asked.effect[rows]
    if effect is not None and min(np.isfinite(effect[comparison.used_codes == code]).sum() for code in (0, 1)) == 0:
        effect = None
    return cost_and_effect(
        asked.money[rows],
        asked.last[rows],
        asked.died[rows],
        effect,
        comparison.used_codes,
        comparison.design.values,
        comparison.site[rows],
        ends=asked.ends,
        target=coded_target(study.comparison.target, comparison.arms),
        inference=comparison.sites.method,
        cluster=comparison.clusters.codes,
        max_observation_weight=study.gate.max_observation_weight,
    )


def estimated(
    asking: Asking, spending: Spending, asked: SpendingOf, comparison: Fitted, found: CostAndEffect, row: Result
) -> Iterator[Any]:
    """The adjusted difference, its naive twin, the mean of each arm, other estimators, and cost beside effect."""
    is_headline = row.analysis == Analysis.CLAIM
    money, level = cost_contrast(found), LEVEL
    if is_headline:
        level = yield from level_of(standing_of("C7", money, harm=True))
        money = cost_contrast(found, level=level)
    note = note_of(spending, comparison, asking.study)
    row = row.filled(
        money,
        gate=GateWord.PASSED,
        verdict=read_limits(endpoint_of(row), money) if is_headline else Verdict.EXPLORATORY,
        note=note,
        n=int(found.n[1]),
        n_reference=int(found.n[0]),
        ess=float(min(found.ess)),
    )
    others = list(other_estimators(asking, comparison, row))
    if is_headline:
        estimates = [one.estimate for one in others]
        row = replace(row, verdict=unless_turned(Verdict(row.verdict), estimates, harm=True))
    yield replace(row, note=f"{note} {level_note(level)}".strip())
    yield naive(asked, comparison, row)
    for code, arm in enumerate(comparison.arms):
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
        ).filled(arm_cost(found, code), p=None)
    yield from others
    yield from effect_rows(asking, found, row)


def note_of(spending: Spending, comparison: Fitted, study: Study) -> str:
    """What the amounts are, and what bounds where they hold."""
    about = f"{spending.about[0].upper()}{spending.about[1:]}."
    return " ".join(filter(None, (about, comparison.holds, ASSUMED if study.study.synthetic else "")))


def naive(asked: SpendingOf, comparison: Comparison, row: Result) -> Result:
    """Mean cost of the index stay alone, of everybody with amounts, unadjusted."""
    amount = asked.people["index_amount"].to_numpy(dtype=np.float64)
    one, other = (amount[(comparison.codes == code) & np.isfinite(amount)] for code in (1, 0))
    return crude_twin(row, TWIN, one, other)


def other_estimators(asking: Asking, comparison: Fitted, row: Result) -> Iterator[Result]:
    """The same difference by a model of costs (two parts, gamma), and by weights augmented with a linear one."""
    means = comparison.means
    varied = "weights augmented by a linear model of cost"
    yield row.beneath(ess=None, estimator="augmented", varied=varied).filled(difference(means, 1, 0))
    rows = comparison.rows
    site = np.unique(comparison.site[rows], return_inverse=True)[1]
    known = np.isfinite(comparison.outcome[rows])
    unit = site if comparison.sites.beyond_sites else comparison.clusters.codes
    unit = np.arange(rows.sum()) % 40 if unit is None else unit
    varied = "a model of costs (any, and how much) in place of weights"
    blank = row.beneath(ess=None, estimator="two-part gamma", varied=varied)
    try:
        weights = observation_weights(
            comparison.design.values,
            comparison.used_codes,
            known,
            groups=site,
            max_weight=asking.study.gate.max_observation_weight,
            own_slopes=True,
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
        yield replace(blank, reason=str(why))
        return
    yield blank.filled(found)
