"""What the gate looks at before two strategies are compared: who started, how much the weights had to do, and what is
left over."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipeline.analysis.comparison.diagnostics import tells_a_small_count
from pipeline.analysis.covariates import label_of
from pipeline.analysis.questions.discharged import Leaving
from pipeline.choices.answered import Gate
from pipeline.results import Diagnostic
from pipeline.stats.strategies.strategies import NOT, WITHIN, Strategies
from pipeline.stats.weighting.balance import balance, overlap_report
from pipeline.study import Study


def checks(
    people: Leaving, found: Strategies, arm: str, reference: str, study: Study, result_id: str, grace: int
) -> list[Diagnostic]:
    """Every line of the gate for the two strategies, arm the one that changes by the day `grace`."""
    named = {WITHIN: arm, NOT: reference}
    return [
        *follower_lines(people, named, study.gate, result_id),
        *recorded_lines(people, named, study, result_id),
        *weight_lines(found, named, study.gate, result_id),
        *overlap_lines(people, found, named, study.gate, result_id),
        *balance_lines(people, found, study, result_id, grace),
    ]


def follower_lines(people: Leaving, named: dict[int, str], gate: Gate, result_id: str) -> Iterator[Diagnostic]:
    """How many did either."""
    for strategy, who in ((WITHIN, people.started), (NOT, ~people.started)):
        yield Diagnostic(
            result_id=result_id,
            check="followed_n",
            arm=named[strategy],
            covariate="people who did this",
            after=float(who.sum()),
            threshold=float(gate.min_observed),
            passed=bool(who.sum() >= gate.min_observed),
        )


def recorded_lines(people: Leaving, named: dict[int, str], study: Study, result_id: str) -> Iterator[Diagnostic]:
    """Whether each core confounder is recorded for enough people who started and who did not, about equally often."""
    gate = study.gate
    for name in study.confounders.core:
        label = label_of(name, people.frame, None)
        shares = [
            float(people.design.recorded[name][own].mean()) if own.any() else 0.0
            for own in (people.started, ~people.started)
        ]
        for strategy, one in zip((WITHIN, NOT), shares, strict=True):
            yield Diagnostic(
                result_id=result_id,
                check="recorded",
                arm=named[strategy],
                covariate=label,
                after=one,
                threshold=gate.min_recorded,
                passed=one >= gate.min_recorded,
            )
        gap = abs(shares[0] - shares[1])
        yield Diagnostic(
            result_id=result_id,
            check="recorded_gap",
            covariate=label,
            after=gap,
            threshold=gate.max_recorded_gap,
            passed=gap <= gate.max_recorded_gap,
        )


def weight_lines(found: Strategies, named: dict[int, str], gate: Gate, result_id: str) -> Iterator[Diagnostic]:
    """The largest weights, how many were cut, and what they leave of the sample."""
    for strategy, arm in named.items():
        largest, cut, ess = (float(values[strategy]) for values in (found.largest, found.truncated, found.ess))
        share = float(found.weights[:, strategy].max() / found.weights[:, strategy].sum())
        for check, words, value, line, passed in (
            ("largest_weight", "largest weight before any was cut", largest, gate.max_observation_weight, True),
            (
                "strategy_weight",
                "share of weights that were cut off",
                cut,
                gate.max_truncated_share,
                cut <= gate.max_truncated_share,
            ),
            ("effective_size", "effective sample after all weights", ess, gate.min_ess, ess >= gate.min_ess),
            (
                "max_person_share",
                "largest share of one person",
                share,
                gate.max_person_share,
                share <= gate.max_person_share,
            ),
        ):
            yield Diagnostic(
                result_id=result_id, check=check, arm=arm, covariate=words, after=value, threshold=line, passed=passed
            )


def overlap_lines(
    people: Leaving, found: Strategies, named: dict[int, str], gate: Gate, result_id: str
) -> Iterator[Diagnostic]:
    """Whether those who started are like people who might as well not have, and the other way round."""
    both = np.column_stack([1 - found.chance, found.chance])
    report = overlap_report(both, people.started.astype(np.int64), np.ones(people.n))
    for pair, equipoise in zip(report.pairs, report.equipoise, strict=True):
        for code, one in zip(pair, equipoise, strict=True):
            yield Diagnostic(
                result_id=result_id,
                check="strategy_overlap",
                arm=named[int(code)],
                covariate="share who could as well have done the other",
                after=float(one),
                threshold=gate.min_equipoise,
                passed=bool(one >= gate.min_equipoise),
            )


def balance_lines(people: Leaving, found: Strategies, study: Study, result_id: str, grace: int) -> Iterator[Diagnostic]:
    """Differences between those who follow one strategy and those who follow the other at the end of the grace
    period."""
    still = (people.day > grace) & (found.weights.sum(axis=1) > 0)
    codes, weights = people.started[still].astype(np.int64), found.weights[still].sum(axis=1)
    sites = (people.site[still][:, None] == np.unique(people.site)).astype(float)
    columns = np.column_stack([people.design.values[still], sites])
    names = [*people.design.terms, *(f"Site {i + 1}" for i in range(sites.shape[1]))]
    limit = 2 * study.gate.max_smd
    report = balance(columns, names, codes, weights)
    telling = tells_a_small_count(columns, codes, study.disclosure.threshold)
    for name, before, after, small in zip(report.names, report.smd_before, report.smd_after, telling, strict=True):
        yield Diagnostic(
            result_id=result_id,
            check="balance",
            covariate=name,
            before=None if small else float(before),
            after=None if small else float(after),
            threshold=limit,
            passed=bool(after <= limit),
        )
