"""C2 and C4: do people with similar needs do as well at one level as at another?  Adjusted, or withheld with the
reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.cohort import Records, people_asked
from pipeline.analysis.comparison.controls import NOT_ASSESSED, Checked, calibrated_rows, check_controls, control_lines
from pipeline.analysis.comparison.diagnostics import diagnose
from pipeline.analysis.comparison.fitted import Comparison, fit, named_target
from pipeline.analysis.comparison.naive_twins import careless_twins
from pipeline.analysis.comparison.robustness import robustness_rows
from pipeline.analysis.comparison.variations import variations
from pipeline.analysis.comparison.verdicts import verdict_of
from pipeline.analysis.contrasts import Contrast, Endpoint, contrasts, endpoints, raw_sign
from pipeline.analysis.descriptive import crude_difference
from pipeline.analysis.gate import DESCRIPTIVE, NO_COMPARABLE, Refusal, refusal
from pipeline.analysis.headline import Asking
from pipeline.errors import NotEstimable
from pipeline.results import FigurePoint, Result
from pipeline.stats.proportions import newcombe_difference
from pipeline.stats.weighting.arm_means import arm_mean, difference
from pipeline.study import Study

if TYPE_CHECKING:
    import pandas as pd

TWIN = "everybody with this outcome at these levels, at all sites, without adjusting for how they differ"


def compare(records: Records, study: Study) -> Iterator[Any]:
    """Every contrast: its result, naive twin, diagnostics, attrition and what it would take to overturn it."""
    for contrast in contrasts(study):
        yield from answer(contrast, records, study)


def one_contrast(contrast: Contrast) -> Callable[[Records, Study], Iterator[Any]]:
    """The family of one contrast: asked on its own, kept on its own."""

    def asked(records: Records, study: Study) -> Iterator[Any]:
        # found again in the study it is asked with, so that the choices that make it a contrast are noted as read
        return answer(next(one for one in contrasts(study) if one == contrast), records, study)

    return asked


def answer(contrast: Contrast, records: Records, study: Study) -> Iterator[Any]:
    """One contrast from its people to its rows."""
    missing = [arm for arm in contrast.arms if arm not in records.arms]
    if missing:
        yield from withheld(
            contrast, study, Refusal(NO_COMPARABLE, f"too few people started in {' and '.join(missing)}")
        )
        return
    people, steps = people_asked(records, contrast.question, contrast.arms)
    yield from steps
    try:
        comparison = fit(people, contrast.arms, study, contrast.question)
        checked = check_controls(comparison, records.controls, study) if comparison.means else NOT_ASSESSED
        result_id = base_row(contrast, study).result_id
        diagnostics = [*diagnose(comparison, study, result_id), *control_lines(checked, study, result_id)]
    except NotEstimable as why:
        yield from withheld(contrast, study, Refusal(DESCRIPTIVE, str(why)))
        return
    yield from diagnostics
    refused = refusal(diagnostics)
    if refused or comparison.means is None:
        yield from withheld(contrast, study, refused or Refusal(NO_COMPARABLE, comparison.failure))
        return
    yield from estimated(contrast, comparison, records, checked, study)
    yield from overlap_points(contrast, comparison, study)


def base_row(contrast: Contrast, study: Study) -> Result:
    """What the contrast's row says whether or not it carries a number."""
    question = contrast.question
    return Result(
        question=question.code,
        analysis="like_for_like",
        outcome=question.name,
        day=question.day,
        arm=contrast.arm,
        reference=contrast.reference,
        measure="difference" if question.kind == "score" else "risk_difference",
        unit=question.unit,
        target=named_target(study.comparison.target, contrast.arms),
        estimator="augmented",
        margin=question.margin,
        stratum="",
        population=whom(
            study.comparison.target,
            contrast.arms,
            f"people who could have started in either {contrast.arm} or {contrast.reference}",
        ),
    )


def whom(target: str, arms: tuple[str, ...], overlap: str) -> str:
    """Whom the answer is about, by target; overlap where the named arm is not among these."""
    if target.startswith("treated:") and target.removeprefix("treated:") in arms:
        return f"people like those who started in {target.removeprefix('treated:')}"
    everybody = {
        "combined": f"everybody who started in {', '.join(arms)}",
        "matching": f"people with a match among {', '.join(arms)}",
    }
    return everybody.get(target, overlap)


def withheld(contrast: Contrast, study: Study, refused: Refusal) -> Iterator[Result]:
    """The contrast and its naive twin, without any number, with the reason."""
    row = replace(base_row(contrast, study), verdict=refused.verdict, gate="withheld", reason=refused.reason)
    yield row
    yield replace(twin_row(row), gate="withheld", verdict=refused.verdict, reason=refused.reason)


def estimated(
    contrast: Contrast, comparison: Comparison, records: Records, checked: Checked, study: Study
) -> Iterator[Result]:
    """The adjusted difference with its verdict, its naive twin, and what it would take to overturn it."""
    means = comparison.means
    assert means is not None
    found = difference(means, 1, 0, level=contrast.level)
    verdict = verdict_of(contrast, found, comparison, study)
    counts = {"n": int(means.n_observed[1]), "n_reference": int(means.n_observed[0]), "ess": float(min(means.ess))}
    if means.events is not None:
        counts |= {"events": int(means.events[1]), "events_reference": int(means.events[0])}
    sign = raw_sign(contrast.question)
    row = replace(
        base_row(contrast, study),
        estimate=found.estimate,
        raw_estimate=sign * found.estimate,
        se=found.se,
        df=found.df,
        low=found.low,
        high=found.high,
        p=found.p,
        verdict=verdict,
        gate="passed",
        stratum="",
        note=" ".join(filter(None, (comparison.sites.sentence, level_note(contrast.level)))),
        **counts,
    )
    yield row
    yield naive(contrast, comparison, row)
    for code, arm in enumerate(contrast.arms):
        mean = arm_mean(means, code)
        yield replace(
            row,
            measure=f"adjusted_{'mean' if contrast.question.kind == 'score' else 'share'}",
            arm=arm,
            reference="",
            stratum=f"{contrast.arm} or {contrast.reference}",
            estimate=mean.estimate,
            raw_estimate=sign * mean.estimate,
            se=mean.se,
            df=mean.df,
            low=mean.low,
            high=mean.high,
            p=None,
            margin=None,
            verdict="",
            n=int(means.n_observed[code]),
            n_reference=None,
            events=None if means.events is None else int(means.events[code]),
            events_reference=None,
            ess=float(means.ess[code]),
            twin_of=row.result_id,
            note=comparison.sites.sentence,
        )
    yield from careless_twins(contrast, comparison, records, row, study)
    yield from robustness_rows(contrast, comparison, study, found, row)
    yield from calibrated_rows(contrast, comparison, checked, row)
    yield from variations(contrast, comparison, records, study, found, row)


def level_note(level: float) -> str:
    """Says when limits are wider than 95 % because several verdicts are read together."""
    return f"Limits hold together with the study's other verdicts ({level:.1%} each)." if level > 0.95 else ""


def twin_row(row: Result) -> Result:
    """The row of a naive twin: what a careless analyst would have reported."""
    return replace(
        row,
        analysis="as_observed",
        estimator="unadjusted",
        target="observed",
        twin_of=row.result_id,
        margin=None,
        verdict="descriptive only",
        gate="",
        note=TWIN,
        ess=None,
    )


def naive(contrast: Contrast, comparison: Comparison, row: Result) -> Result:
    """The unadjusted difference among everybody with the outcome, all sites."""
    outcome, arm = comparison.outcome, comparison.codes
    one, other = (outcome[(arm == code) & np.isfinite(outcome)] for code in (1, 0))
    found = (
        crude_difference(one, other)
        if contrast.question.kind == "score"
        else newcombe_difference(int(one.sum()), len(one), int(other.sum()), len(other))
    )
    events = (
        {} if contrast.question.kind == "score" else {"events": int(one.sum()), "events_reference": int(other.sum())}
    )
    return replace(
        twin_row(row),
        estimate=found.estimate,
        raw_estimate=raw_sign(contrast.question) * found.estimate,
        se=found.se,
        df=found.df,
        low=found.low,
        high=found.high,
        p=found.p,
        n=len(one),
        n_reference=len(other),
        **events,
    )


def overlap_points(contrast: Contrast, comparison: Comparison, study: Study) -> Iterator[FigurePoint]:
    """How likely each person was to start at the arm, by arm, in tenths: where the two groups overlap."""
    means = comparison.means
    assert means is not None
    chance = means.propensity.probabilities[:, 1]
    for code, arm in enumerate(contrast.arms):
        counts, edges = np.histogram(chance[comparison.used_codes == code], bins=np.linspace(0, 1, 11))
        for n, left in zip(counts, edges, strict=False):
            yield FigurePoint(
                base_row(contrast, study).result_id,
                "overlap",
                arm,
                float(left + 0.05),
                float(n / counts.sum()),
                None,
                None,
                int(n),
                "",
            )


def all_arms(asking: Asking) -> Iterator[Any]:
    """The scorecard's adjusted column: every arm's mean among people who could have started at any level, or a refusal.

    Where a declared comparison of two arms is withheld, so are their adjusted means: their difference would stand for
    it.
    """
    records, study = asking.records, asking.study
    for question in endpoints(study):
        if len(records.arms) < 3:
            return
        row = Result(
            question="M",
            analysis="all_arms",
            outcome=question.name,
            day=question.day,
            unit=question.unit,
            measure=f"adjusted_{'mean' if question.kind == 'score' else 'share'}",
            estimator="augmented",
            target=named_target(study.comparison.target, records.arms),
            population=whom(study.comparison.target, records.arms, "people who could have started at any level"),
        )
        refused = next(
            (
                one
                for one in asking.answers
                if one.analysis == "like_for_like"
                and one.outcome == question.name
                and one.gate == "withheld"
                and one.reference
                and one.arm in records.arms
                and one.reference in records.arms
            ),
            None,
        )
        if refused:
            reason = f"the comparison of {refused.arm} with {refused.reference} is withheld: {refused.reason}"
            yield from (
                replace(row, arm=arm, gate="withheld", verdict=refused.verdict, reason=reason) for arm in records.arms
            )
            continue
        people, _ = people_asked(records, question, records.arms)
        yield from every_arm(people, question, row, records.arms, study)


def every_arm(
    people: pd.DataFrame, question: Endpoint, row: Result, arms: tuple[str, ...], study: Study
) -> Iterator[Any]:
    """One row per arm, all of them or none."""
    try:
        comparison = fit(people, arms, study, question)
        diagnostics = diagnose(comparison, study, replace(row, arm=arms[0]).result_id)
        refused = refusal(diagnostics) or (None if comparison.means else Refusal(NO_COMPARABLE, comparison.failure))
        yield from diagnostics
    except NotEstimable as why:
        refused = Refusal(NO_COMPARABLE, str(why))
    for code, arm in enumerate(arms):
        if refused:
            yield replace(row, arm=arm, gate="withheld", verdict=refused.verdict, reason=refused.reason)
            continue
        means = comparison.means
        assert means is not None
        mean = arm_mean(means, code)
        yield replace(
            row,
            arm=arm,
            gate="passed",
            verdict="exploratory",
            estimate=mean.estimate,
            raw_estimate=raw_sign(question) * mean.estimate,
            se=mean.se,
            df=mean.df,
            low=mean.low,
            high=mean.high,
            n=int(means.n_observed[code]),
            ess=float(means.ess[code]),
            events=None if means.events is None else int(means.events[code]),
        )
