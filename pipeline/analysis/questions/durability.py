"""C13: does what was reached last?  Among everybody who started, those not measured again being a band of their own."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.cohort import left_out
from pipeline.analysis.comparison.adjusted import answered, overlap_points
from pipeline.analysis.comparison.attempt import attempt
from pipeline.analysis.comparison.fitted import Fitted, named_target, whom
from pipeline.analysis.comparison.robustness import robustness_rows
from pipeline.analysis.contrasts import Contrast, raw_sign, score_of
from pipeline.analysis.descriptive import crude_twin, share
from pipeline.analysis.gate import Refused, percent
from pipeline.analysis.headline import Asking, NaiveTwin, headline
from pipeline.analysis.lacking import NO_SCALE_LATER, arm_with, no_arms, too_few_started, too_few_with_start
from pipeline.analysis.standing import at_its_level
from pipeline.choices.asked import Outcome
from pipeline.errors import NotEstimable
from pipeline.levels import TWENTY_FOUR_HOUR
from pipeline.results import GateWord, Result, Verdict
from pipeline.stats.repeated_scores.fixed_effects import contrast as fixed_contrast
from pipeline.stats.repeated_scores.repeated_measures import repeated_measures
from pipeline.stats.weighting.arm_means import difference
from pipeline.study import Study, main_outcome

if TYPE_CHECKING:
    import pandas as pd

LEVELS = (("IOP",), TWENTY_FOUR_HOUR)
TWIN = NaiveTwin(
    "unadjusted, those measured at both times",
    "It counts only people who were measured both times: those who are reached half a year later are often those who"
    " are doing well, and nobody is adjusted for who starts where",
)
NO_ARMS = no_arms("IOP", "24-hour care")
BAND_NOTE = (
    "A new stay in 24-hour care counts as relapse. People who were not measured again are a band of their own: they are"
    " neither recovered nor relapsed."
)


def durability(asking: Asking) -> Iterator[Any]:
    """The day-180 contrast of everybody who started, its naive twin, the change since, and what became of those in
    remission."""
    study = asking.study
    arms = tuple(arm_with(study, *levels) for levels in LEVELS)
    source = main_outcome(study)
    row = base(arms, source, study)
    if source is None or not all(arms) or arms[0] == arms[1]:
        yield from TWIN.refused(row, NO_SCALE_LATER if source is None else NO_ARMS)
        return
    every = followed(asking, source)
    yield from bands(asking, source, every)
    if lacking := too_few_started(arms, asking.records) or too_few_with_start(asking.records, arms, source):
        yield from TWIN.refused(row, lacking, Verdict.NO_COMPARABLE)
        return
    people = yield from asked_people(every, source, arms, study)
    measured = people["outcome"].notna().groupby(people["arm"]).mean().reindex(list(arms)).fillna(0.0)
    if (measured < study.gate.min_observed_share).any():
        yield from TWIN.refused(row, too_few_measured(measured, source, study))
        return
    contrast = durability_contrast(source, study, arms)
    tried = attempt(people, arms[::-1], study, contrast.endpoint, row.result_id, asking.records.controls)
    yield from tried.diagnostics
    if isinstance(tried, Refused):
        yield from TWIN.refused(row, tried.reason, tried.verdict)
        return
    yield from estimated(contrast, tried.fitted, row, study)


def base(arms: tuple[str, ...], source: Outcome | None, study: Study) -> Result:
    """What the headline says whether or not it carries a number."""
    overlap = f"everybody who could have started in either {arms[0]} or {arms[1]}, whatever they had reached by day 90"
    return headline(
        "C13",
        outcome=source.name if source else "score",
        day=study.durability.day,
        arm=arms[0] or "iop",
        reference=arms[1] or "inpatient",
        measure="difference",
        unit="points",
        estimator="augmented",
        target=named_target(study.comparison.target, arms[::-1]),
        population=whom(study.comparison.target, arms[::-1], overlap),
    )


def durability_contrast(source: Outcome, study: Study, arms: tuple[str, ...]) -> Contrast:
    """The contrast as the engine asks it: improvement from the start to the later day."""
    later = replace(score_of("C13", source), day=study.durability.day, column="later_improvement", margin=None)
    return Contrast(endpoint=later, arm=arms[0], reference=arms[1], role="confirmatory")


def followed(asking: Asking, source: Outcome) -> pd.DataFrame:
    """Everybody who started new at a compared level, with what was measured on the outcome's day and half a year after
    the start."""
    found = asking.warehouse.execute(
        "SELECT episode_id, baseline_score, improvement, remitted, observable_later, later_improvement, remitted_later,"
        " back_in_24h FROM durability_set WHERE outcome = ? ORDER BY episode_id",
        [source.name],
    ).df()
    frame = asking.records.people.merge(found, on="episode_id", how="left", validate="one_to_one")
    return frame.assign(reached=frame["observable_later"].fillna(False).astype(bool))


def asked_people(
    every: pd.DataFrame, source: Outcome, arms: tuple[str, ...], study: Study
) -> Generator[Any, None, pd.DataFrame]:
    """Says who is left out, and returns those of both arms who could be asked; nobody is left out for having no later
    score."""
    frame = every[every["arm"].isin(arms)]
    label = f"{source.name}, day {study.durability.day}: {' and '.join(arms)}"
    rules = (
        (f"their records end before day {study.durability.window[1]}", frame["reached"]),
        (f"no {source.instrument} score was taken at the start", frame["baseline_score"].notna()),
    )
    left = yield from left_out(frame, arms, label, rules)
    return left.assign(outcome=left["later_improvement"].astype("float64"))


def too_few_measured(measured: pd.Series, source: Outcome, study: Study) -> str:
    """Who was hardly measured half a year after the start, and what to do about it."""
    least = study.gate.min_observed_share
    short = " and ".join(str(arm) for arm, part in measured.items() if part < least)
    return (
        f"too small a share of {short} has a {source.instrument} score near day {study.durability.day}"
        f" ({percent(least)} are needed): follow people up half a year after they start, whether or not care has ended"
    )


def estimated(contrast: Contrast, comparison: Fitted, row: Result, study: Study) -> Iterator[Any]:
    """The headline with its number, its twin, what would overturn it, and how the arms moved apart since the outcome's
    day."""
    contrast = yield from at_its_level(contrast, difference(comparison.means, 1, 0))
    found, told = answered(contrast, comparison, row, study)
    yield told
    yield twice_measured(comparison, contrast, told)
    yield from robustness_rows(contrast, comparison, study, found, told)
    yield from overlap_points(comparison, told.result_id)
    yield change_since(comparison, contrast, row)


def twice_measured(comparison: Fitted, contrast: Contrast, told: Result) -> Result:
    """The naive twin: the plain difference at the later day among people measured both times."""
    people = comparison.people
    both = (people["improvement"].notna() & people["later_improvement"].notna()).to_numpy()
    one, other = (
        people["later_improvement"].to_numpy(dtype=np.float64)[both & (comparison.codes == code)] for code in (1, 0)
    )
    return crude_twin(told, TWIN, one, other, sign=raw_sign(contrast.endpoint))


def change_since(comparison: Fitted, contrast: Contrast, row: Result) -> Result:
    """Exploratory: by how much more one arm gained, or kept, between the two days; a model of both scores of everybody
    with either.

    MMRM of the improvement at both days, each with its own arm difference, score at the start (and its square), odds of
    each arm and site; missing at random given the score that is there. A person's two improvements share their starting
    score.
    """
    blank = replace(
        row,
        analysis="durability",
        measure="difference_in_change",
        target="adjusted",
        verdict=Verdict.EXPLORATORY,
        gate=GateWord.PASSED,
        estimator="repeated measures with any covariance, Kenward-Roger",
        margin=None,
    )
    people = comparison.used_people
    scores = people[["improvement", "later_improvement"]].to_numpy(dtype=np.float64)
    n = len(people)
    start = people["baseline_score"].to_numpy(dtype=np.float64)
    start = (start - start.mean()) / (start.std() or 1.0)
    chance = np.clip(comparison.chances[:, 1], 1e-6, 1 - 1e-6)
    site = comparison.site[comparison.rows]
    own = np.column_stack([comparison.used_codes, np.ones(n), start, start**2, np.log(chance / (1 - chance))])
    places = (site[:, None] == np.unique(site)[None, 1:]).astype(np.float64)
    later = np.repeat([[0.0], [1.0]], n, axis=0)
    columns = np.hstack([np.tile(own, (2, 1)), np.tile(own, (2, 1)) * later, np.tile(places, (2, 1))])
    many = comparison.sites.method == "sandwich"
    unit = site if many else comparison.clusters.codes
    try:
        fit = repeated_measures(
            np.tile(np.arange(n), 2),
            later[:, 0],
            scores.T.ravel(),
            columns,
            cluster=None if unit is None else np.tile(unit, 2),
        )
        along = np.zeros(columns.shape[1])
        along[own.shape[1]] = 1.0
        found = fixed_contrast(fit.fixed, along)
    except NotEstimable as why:
        return blank.refused(Verdict.DESCRIPTIVE, str(why))
    seen = np.isfinite(scores).any(axis=1)
    counts = [int(np.sum(seen & (comparison.used_codes == code))) for code in (1, 0)]
    return blank.filled(
        found,
        sign=raw_sign(contrast.endpoint),
        n=counts[0],
        n_reference=counts[1],
        note="Both days of everybody measured on either; those measured on neither are taken to be like them.",
    )


def bands(asking: Asking, source: Outcome, every: pd.DataFrame) -> Iterator[Result]:
    """Of everybody who started, who was in remission on the outcome's day; of these, who still was, who relapsed, and
    who is not known."""
    later = asking.study.durability.day
    where: dict[str, Any] = {"question": "C13", "analysis": "durability", "outcome": source.name}
    for arm in asking.records.arms:
        starters = every[(every["arm"] == arm) & every["reached"]]
        remitted = starters["remitted"].astype("boolean")
        if not remitted.notna().any():
            continue  # the scale has no line for remission, or nobody was measured: the headline says what is missing
        at_day = where | {
            "arm": arm,
            "day": source.day,
            "population": f"everybody who started new at this level and whose records reach day {later}",
        }
        first = share(remitted.fillna(False), measure="in_remission", **at_day)
        yield first
        yield share(~remitted.fillna(True), measure="not_in_remission", **at_day)
        yield share(remitted.isna(), measure="remission_unknown", **at_day)
        reached = starters[remitted.fillna(False).astype(bool)]
        back = reached["back_in_24h"].fillna(False).astype(bool)
        still = reached["remitted_later"].astype("boolean")
        lasting = where | {
            "arm": arm,
            "day": later,
            "population": f"people in remission at day {source.day}",
            "twin_of": first.result_id,
            "note": BAND_NOTE,
        }
        yield share(still.fillna(False) & ~back, measure="still_recovered", **lasting)
        yield share(~still.fillna(True) | back, measure="relapsed", **lasting)
        yield share(still.isna() & ~back, measure="recovery_unknown", **lasting)
