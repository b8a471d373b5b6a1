"""C2 and C4: do people with similar needs do as well at one level as at another?  Adjusted, or withheld with the
reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipeline.analysis.cohort import Records, at_other_sites, people_asked
from pipeline.analysis.comparison.adjusted import answered, each_arm, mean_of, overlap_points, sizes_of_arm, unadjusted
from pipeline.analysis.comparison.attempt import Passed, TooFew, attempt
from pipeline.analysis.comparison.borrowing import borrowed_rows
from pipeline.analysis.comparison.compatible import beneath, compatible_rows, of_too_few
from pipeline.analysis.comparison.controls import calibrated_rows
from pipeline.analysis.comparison.fitted import named_target, whom
from pipeline.analysis.comparison.naive_twins import UNADJUSTED, careless_twins
from pipeline.analysis.comparison.pace import pace_rows, staying_rows
from pipeline.analysis.comparison.robustness import robustness_rows
from pipeline.analysis.comparison.strata import site_rows
from pipeline.analysis.comparison.variations import try_ways, variations, weighed
from pipeline.analysis.contrasts import Contrast, Endpoint, contrasts, endpoints, raw_sign
from pipeline.analysis.gate import Refused
from pipeline.analysis.headline import Asking
from pipeline.analysis.lacking import too_few_started
from pipeline.analysis.standing import at_its_level, read_together
from pipeline.results import Analysis, GateWord, Result, Verdict
from pipeline.stats.weighting.arm_means import arm_mean, difference
from pipeline.study import Study

if TYPE_CHECKING:
    import pandas as pd


def compare(records: Records, study: Study) -> Iterator[Any]:
    """Every contrast: its result, naive twin, diagnostics, attrition and what it would take to overturn it."""
    asked = ((base_row(one, study).result_id, answer(one, records, study)) for one in contrasts(study))
    yield from read_together(dict(asked))


def one_contrast(contrast: Contrast) -> Callable[[Asking], Iterator[Any]]:
    """The family of one contrast: asked on its own, kept on its own."""

    def asked(asking: Asking) -> Iterator[Any]:
        # found again in the study it is asked with, so that the choices that make it a contrast are noted as read
        return answer(next(one for one in contrasts(asking.study) if one == contrast), asking.records, asking.study)

    return asked


def answer(contrast: Contrast, records: Records, study: Study) -> Iterator[Any]:
    """One contrast from its people to its rows."""
    row = base_row(contrast, study)
    if lacking := too_few_started(contrast.arms, records):
        yield from UNADJUSTED.refused(row, lacking, Verdict.NO_COMPARABLE)
        return
    people, steps = people_asked(records, contrast.endpoint, contrast.arms)
    yield from steps
    tried = attempt(people, contrast.arms, study, contrast.endpoint, row.result_id, records.controls)
    yield from tried.diagnostics
    if isinstance(tried, Refused):
        yield from UNADJUSTED.refused(row, tried.reason, tried.verdict)
        if isinstance(tried, TooFew):
            yield from of_too_few(contrast, tried.fitted, study, row)
        return
    yield from at_other_sites(people, tried.fitted.used_people, contrast.arms, steps)
    yield from estimated(contrast, tried, records, row, study)
    yield from overlap_points(tried.fitted, row.result_id)


def base_row(contrast: Contrast, study: Study) -> Result:
    """What the contrast's row says whether or not it carries a number."""
    endpoint = contrast.endpoint
    return Result(
        question=endpoint.code,
        analysis=Analysis.LIKE_FOR_LIKE,
        outcome=endpoint.name,
        day=endpoint.day,
        arm=contrast.arm,
        reference=contrast.reference,
        measure="difference" if endpoint.kind == "score" else "risk_difference",
        unit=endpoint.unit,
        target=named_target(study.comparison.target, contrast.arms),
        estimator="augmented",
        margin=endpoint.margin,
        stratum="",
        population=whom(
            study.comparison.target,
            contrast.arms,
            f"people who could have started in either {contrast.arm} or {contrast.reference}",
        ),
    )


def estimated(contrast: Contrast, tried: Passed, records: Records, row: Result, study: Study) -> Iterator[Any]:
    """The adjusted difference with its verdict, its naive twin, and what it would take to overturn it."""
    comparison = tried.fitted
    contrast = yield from at_its_level(contrast, difference(comparison.means, 1, 0))
    found, row = answered(contrast, comparison, row, study)
    others = try_ways(contrast, comparison, records, study)
    row = weighed(contrast, row, others)
    yield row
    yield unadjusted(comparison, contrast.endpoint, row, UNADJUSTED)
    yield from each_arm(contrast, comparison, row)
    yield from careless_twins(contrast, comparison, records, row)
    yield from robustness_rows(contrast, comparison, study, found, row)
    yield from compatible_rows(contrast, comparison, study, found, row)
    yield from borrowed_rows(contrast, comparison, study, found, beneath(row))
    yield from calibrated_rows(contrast, comparison, tried.controls, row)
    yield from variations(contrast, others, found, row)
    yield from pace_rows(contrast, comparison, records, row=row, study=study)
    yield from staying_rows(contrast, comparison, records, study, row)
    yield from site_rows(contrast, comparison, row, study)


def all_arms(asking: Asking) -> Iterator[Any]:
    """The scorecard's adjusted column: every arm's mean among people who could have started at any level, or a refusal.

    Where a declared comparison of two arms is withheld, so are their adjusted means: their difference would stand for
    it.
    """
    records, study = asking.records, asking.study
    for endpoint in endpoints(study) if len(records.arms) > 2 else ():
        row = Result(
            question="M",
            analysis=Analysis.ALL_ARMS,
            outcome=endpoint.name,
            day=endpoint.day,
            unit=endpoint.unit,
            measure=mean_of(endpoint),
            estimator="augmented",
            target=named_target(study.comparison.target, records.arms),
            population=whom(study.comparison.target, records.arms, "people who could have started at any level"),
        )
        refused = next(
            (
                one
                for one in asking.answers
                if one.analysis == Analysis.LIKE_FOR_LIKE
                and one.outcome == endpoint.name
                and one.gate == GateWord.WITHHELD
                and one.reference
                and one.arm in records.arms
                and one.reference in records.arms
            ),
            None,
        )
        if refused:
            reason = f"the comparison of {refused.arm} with {refused.reference} is withheld: {refused.reason}"
            verdict = Verdict(refused.verdict)
            yield from (replace(row, arm=arm).refused(verdict, reason) for arm in records.arms)
            continue
        people, _ = people_asked(records, endpoint, records.arms)
        yield from every_arm(people, endpoint, row, records.arms, study)


def every_arm(
    people: pd.DataFrame, endpoint: Endpoint, row: Result, arms: tuple[str, ...], study: Study
) -> Iterator[Any]:
    """One row per arm, all of them or none."""
    tried = attempt(people, arms, study, endpoint, replace(row, arm=arms[0]).result_id)
    yield from tried.diagnostics
    for code, arm in enumerate(arms):
        here = replace(row, arm=arm)
        if isinstance(tried, Refused):
            yield here.refused(tried.verdict, tried.reason)
            continue
        told = replace(here, gate=GateWord.PASSED, verdict=Verdict.EXPLORATORY, **sizes_of_arm(tried.fitted, code))
        yield told.filled(arm_mean(tried.fitted.means, code), sign=raw_sign(endpoint), p=None)
