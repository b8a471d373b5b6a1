"""The other defensible ways to make a contrast: each puts its own people and weights through the gate, or is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np

from pipeline.analysis.cohort import (
    SILENCE,
    OtherChoices,
    Records,
    chosen_otherwise,
    died_unmeasured,
    people_asked,
    with_deaths,
)
from pipeline.analysis.comparison.attempt import answerable
from pipeline.analysis.comparison.fitted import Fitted, estimate, fit, several
from pipeline.analysis.comparison.imputed import filled_in
from pipeline.analysis.contrasts import Contrast
from pipeline.analysis.covariates import design
from pipeline.errors import NotEstimable
from pipeline.stats.estimate import Estimate, wald
from pipeline.stats.weighting.arm_means import difference
from pipeline.study import Study

AS_MEASURED = 1.0  # an observation weight bounded by 1 counts everyone measured once
DEATHS = {"score": "the last score before a death", "share": "a death as not better"}
FEW_DEATHS = (
    "too few people are known to have died before the window closed for an answer that counts them, or deaths are not"
    " in the records (an ending of care, or what a follow-up learned)"
)


@dataclass(frozen=True, slots=True)
class Way:
    """One other way to make the estimate: what the results call it, and how it is made.

    make    raises NotEstimable where it cannot be made, or where it fails a line of the gate
    rival   False where it adjusts for less than it should: it shows what adjusting does, and decides nothing
    """

    varied: str
    make: Callable[[], Estimate]
    estimator: str = "augmented"
    target: str = ""
    rival: bool = True


def ways(contrast: Contrast, comparison: Fitted, records: Records, study: Study) -> Iterator[Way]:
    """Every other way that applies; for an exploratory contrast only other models and other reliabilities of its own
    scale."""
    yield from other_models(contrast, comparison, study)
    if records.other is not None and contrast.endpoint.column == "reliably_improved":
        yield from other_outcomes(contrast, records, records.other, study, "reliable by")
    if records.other is not None and contrast.endpoint.source is not None:
        varied = DEATHS[contrast.endpoint.kind]
        yield Way(varied, partial(counting_deaths, contrast, records, records.other, study))
    if contrast.role == "exploratory":
        return
    yield from fewer_covariates(contrast, comparison, study)
    if records.other is not None:
        yield from other_outcomes(contrast, records, records.other, study, "scores from", "score at start", SILENCE)
    yield from single_levels(contrast, comparison, study)
    yield from without_one_site(contrast, comparison, study)
    if contrast.role == "primary" and study.sensitivity.imputed and contrast.endpoint.kind == "score":
        yield Way(
            "those not measured filled in",
            lambda: filled_in(contrast, comparison, records, study),
            "augmented, imputed",
        )


def read_difference(
    contrast: Contrast,
    comparison: Fitted,
    study: Study,
    values: np.ndarray | None = None,
    *,
    bound: float | None = None,
) -> Estimate:
    """The contrast's difference at its own level, with other covariates, or with another bound on observation weights
    and nothing that came after the start."""
    covariates = comparison.design.values if values is None else values
    comparison = comparison if bound is None else replace(comparison, interim=None)
    return difference(estimate(comparison, study, covariates, max_observation_weight=bound), 1, 0, level=contrast.level)


def other_models(contrast: Contrast, comparison: Fitted, study: Study) -> Iterator[Way]:
    """Weights alone and the outcome model alone; for a verdict also for everybody, for those who started at each level,
    and for those with a match; and those measured without standing in for the others."""
    own = study.comparison.target
    asked = [("weighted", own), ("outcome model", own)]
    if contrast.role != "exploratory":
        others = ("overlap", "combined", *(f"treated:{arm}" for arm in reversed(comparison.arms)), "matching")
        asked += [("augmented", target) for target in others if target != own]
    made = cache(lambda: several(comparison, study, asked))  # all share their models: all are made with the first

    def nth(place: int) -> Estimate:
        means = made()[place]
        if asked[place][1] != own:
            answerable(replace(comparison, means=means), study)
        return difference(means, 1, 0, level=contrast.level)

    for place, (estimator, target) in enumerate(asked):
        robust = estimator == "augmented" and target.split(":")[0] in ("combined", "treated")
        yield Way("", partial(nth, place), "doubly robust" if robust else estimator, "" if target == own else target)
    if not np.isfinite(comparison.outcome[comparison.rows]).all():
        measured = partial(read_difference, contrast, comparison, study, bound=AS_MEASURED)
        yield Way("only those measured", measured, rival=comparison.interim is None)
    if comparison.interim is not None:
        bound = study.gate.max_observation_weight
        start = partial(read_difference, contrast, comparison, study, bound=bound)
        yield Way("no score before the window", start, rival=False)


def fewer_covariates(contrast: Contrast, comparison: Fitted, study: Study) -> Iterator[Way]:
    """The same people with less adjusted for: what each step of adjustment does."""
    people = comparison.used_people
    for varied, names in (("adjusted for site only", ()), ("adjusted for site, age and sex", ("age", "sex"))):
        values = design(people, study, contrast.endpoint, names=names).values if names else np.zeros((len(people), 0))
        yield Way(varied, partial(read_difference, contrast, comparison, study, values), rival=False)


def other_outcomes(
    contrast: Contrast, records: Records, other: OtherChoices, study: Study, *kinds: str
) -> Iterator[Way]:
    """The outcome by another window, first score, reliability or silence, on whoever can be asked then."""
    endpoint = contrast.endpoint
    if endpoint.source is not None:
        own = other.scores[other.scores["outcome"] == endpoint.source.name]
        names = [
            name for name in own["varied"].unique() if endpoint.kind != "score" or not name.startswith("reliable by")
        ]
    else:
        names = [f"{SILENCE}{gap} days" for gap in sorted(other.care_at()["gap_days"].unique())]
    for varied in names:
        if varied.startswith(kinds):
            yield Way(varied, partial(refitted, contrast, records, other, varied, study))


def refitted(contrast: Contrast, records: Records, other: OtherChoices, varied: str, study: Study) -> Estimate:
    """The contrast asked anew of the records under another choice, sites and all."""
    people, _ = people_asked(chosen_otherwise(records, other, varied), contrast.endpoint, contrast.arms)
    comparison = answerable(fit(people, contrast.arms, study, contrast.endpoint), study)
    return difference(comparison.means, 1, 0, level=contrast.level)


def counting_deaths(contrast: Contrast, records: Records, other: OtherChoices, study: Study) -> Estimate:
    """The contrast with those who died before its window closed: of a share they are not better (composite strategy),
    of a mean they count with their last score while alive; ICH E9(R1).

    Raises NotEstimable where fewer died than the smallest count that may be shown.
    """
    died = died_unmeasured(records, other, contrast.endpoint)
    here = records.people.loc[records.people["arm"].isin(contrast.arms), "episode_id"]
    if (died & records.scores["episode_id"].isin(here)).sum() < study.disclosure.threshold:
        raise NotEstimable(FEW_DEATHS)
    people, _ = people_asked(with_deaths(records, other, contrast.endpoint, died), contrast.endpoint, contrast.arms)
    comparison = answerable(fit(people, contrast.arms, study, contrast.endpoint), study)
    return difference(comparison.means, 1, 0, level=contrast.level)


def single_levels(contrast: Contrast, comparison: Fitted, study: Study) -> Iterator[Way]:
    """Each level of an arm that holds several, such as residential or hospital care alone."""
    for arm in contrast.arms:
        for level in study.arms[arm] if len(study.arms[arm]) > 1 else ():
            here = (comparison.people["arm"] != arm) | (comparison.people["level_of_care"] == level)
            if here.sum() < len(here) and (here & (comparison.people["arm"] == arm)).any():
                yield Way(f"{arm}: {level} only", partial(only, contrast, comparison, here.to_numpy(), study))


def only(contrast: Contrast, comparison: Fitted, here: np.ndarray, study: Study) -> Estimate:
    """The contrast on some of its people."""
    return difference(part_of(contrast, comparison, here, study).means, 1, 0, level=contrast.level)


def part_of(
    contrast: Contrast, comparison: Fitted, here: np.ndarray, study: Study, inference: str | None = None
) -> Fitted:
    """The comparison of some of its people.  Raises NotEstimable where it fails a line of the gate."""
    people = comparison.people[here].reset_index(drop=True)
    part = fit(people, contrast.arms, study, contrast.endpoint, inference=inference)
    return answerable(part, study)


def without_one_site(contrast: Contrast, comparison: Fitted, study: Study) -> Iterator[Way]:
    """The lowest and highest answer that leaving out one site gives, with the uncertainty of the answer with all of
    them."""
    means = comparison.means
    if means.replicates is None:
        return
    sites = np.unique(comparison.site[comparison.rows])
    left_out = means.replicates[:, 1] - means.replicates[:, 0]
    for name, place in (("lowest", left_out.argmin()), ("highest", left_out.argmax())):
        yield Way(
            f"without one site: {name}",
            partial(without, contrast, comparison, int(sites[place]), float(left_out[place]), study),
        )


def without(contrast: Contrast, comparison: Fitted, site: int, value: float, study: Study) -> Estimate:
    """The answer (value) without one site, if what is left still passes the gate."""
    part_of(contrast, comparison, comparison.site != site, study, inference="person")  # only the gate is asked
    whole = difference(comparison.means, 1, 0, level=contrast.level)
    return wald(value, whole.se, df=whole.df, level=contrast.level, n=whole.n)
