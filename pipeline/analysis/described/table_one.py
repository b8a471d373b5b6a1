"""Table 1: who the compared people were at the start, as they came and as they are weighted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.fitted import Comparison, Fitted, Unfitted, fit
from pipeline.analysis.contrasts import Contrast, Endpoint, contrasts
from pipeline.analysis.covariates import COLUMN_OF, HELD_OUT, NUMBERS, coded_levels, label_of, risk_groups
from pipeline.analysis.headline import Asking
from pipeline.errors import NotEstimable
from pipeline.results import Result
from pipeline.study import Study

ANALYSIS = "table_1"
FEW = "too few people, in or out, at one of the levels"
PAIR = "{} and {}"  # what tells a table from that of the first comparison, whose rows have no pair
OTHERS = "others"  # categories that are small at one of the levels, taken together
STEPS = (
    100,
    50,
    20,
    10,
    5,
)  # shares are told in hundredths, or in coarser parts where a step would be fewer people than may be shown
UNITS = {"baseline_score": "points", "function": "points", "prior_episodes": "episodes", "age": "years"}


@dataclass(frozen=True, slots=True)
class Covariate:
    """One covariate of the people compared, counted once for every arm and weighting.

    codes    (n,) the place of each person's category in levels
    counts   (arms, levels) people
    numbers  (n,) the number itself, nan where not recorded; None for a category
    """

    label: str
    levels: tuple[str, ...]
    codes: np.ndarray
    counts: np.ndarray
    numbers: np.ndarray | None
    unit: str


def tables_one(study: Study) -> dict[str, Callable[[Asking], Iterator[Result]]]:
    """What makes the table of each two levels that are compared in the study's first outcome, the first comparison's
    first, by a name that begins as their comparison's, so that one process asks both."""
    first = next((one for one in contrasts(study) if one.role == "primary"), next(iter(contrasts(study)), None))
    if first is None:
        return {}
    others = [one for one in contrasts(study) if one.endpoint == first.endpoint and set(one.arms) != set(first.arms)]
    each = {frozenset(one.arms): one for one in (first, *others)}.values()
    return {
        f"{one.arm} vs {one.reference}: table 1": table_asked(one, "" if one is first else PAIR.format(*one.arms))
        for one in each
    }


def table_asked(contrast: Contrast, pair: str) -> Callable[[Asking], Iterator[Result]]:
    """The table of one comparison as a family of its own."""

    def table_one(asking: Asking) -> Iterator[Result]:
        yield from table_of(asking, contrast, pair)

    return table_one


def table_of(asking: Asking, contrast: Contrast, pair: str) -> Iterator[Result]:
    """The table of one comparison; nothing where it has no two arms with people to ask."""
    if not all(arm in asking.records.arms for arm in contrast.arms):
        return
    people, _ = people_asked(asking.records, contrast.endpoint, contrast.arms)
    try:
        comparison = fit(people, contrast.arms, asking.study, contrast.endpoint, read=lambda _: False)
    except NotEstimable:
        return  # the comparison's own row says why
    yield from (replace(row, varied=pair) for row in rows_of(comparison, contrast, asking.study))


def rows_of(comparison: Fitted | Unfitted, contrast: Contrast, study: Study) -> Iterator[Result]:
    """One row per arm, covariate (or category of it) and weighting; SMDs are with the comparison's diagnostics."""
    weightings = {"observed": np.ones(len(comparison.used_codes))}
    if isinstance(comparison, Fitted):
        weightings[comparison.means.target] = comparison.means.balancing
    asked, least = contrast.endpoint, study.disclosure.threshold
    blank = Result(question=asked.code, analysis=ANALYSIS, outcome=asked.name, day=0, measure="", estimator="described")
    told = list(covariates_of(comparison, asked, study))
    for target, weights in weightings.items():
        for code, arm in enumerate(comparison.arms):
            here = comparison.used_codes == code
            row = replace(blank, arm=arm, target=target)
            yield size_row(row, comparison, here, weights[here], study)
            for one in told:
                yield from number_rows(one, row, weights, here)
                yield from share_rows(one, row, weights[here], here, least)


def size_row(row: Result, comparison: Comparison, here: np.ndarray, weights: np.ndarray, study: Study) -> Result:
    """How many people, or after weighting how many they count as; not where the few at other sites could be told from
    it."""
    if row.target != "observed":
        return replace(
            row,
            measure="effective_people",
            unit="people",
            estimate=round(float(weights.sum() ** 2 / (weights**2).sum())),
        )
    code = comparison.used_codes[here][0]
    elsewhere = int((comparison.codes == code).sum()) - int(here.sum())
    hidden = 0 < elsewhere < study.disclosure.threshold
    return replace(
        row, measure="people", unit="people", n=None if hidden else int(here.sum()), reason=FEW if hidden else ""
    )


def covariates_of(comparison: Comparison, asked: Endpoint, study: Study) -> Iterator[Covariate]:
    """The study's covariates, and what the models hold out, where they are recorded of the people compared."""
    people, arms = comparison.used_people, comparison.used_codes
    for name in (*study.confounders.core, *study.confounders.more, *HELD_OUT):
        column = COLUMN_OF.get(name, name)
        if column not in people or not people[column].notna().any():
            continue
        values, numbers = people[column], None
        if name in NUMBERS:
            numbers = values.astype("float64").to_numpy()
            codes, levels = np.isfinite(numbers).astype(np.int64), ["not recorded", "recorded"]
        else:
            risk = name == "suicide_risk"
            codes, levels = coded_levels(risk_groups(values, people["suicide_risk_source"]) if risk else values)
        counts = np.bincount(arms * len(levels) + codes, minlength=(arms.max() + 1) * len(levels))
        label = label_of(name, people, asked)
        yield Covariate(label, tuple(levels), codes, counts.reshape(-1, len(levels)), numbers, UNITS.get(name, ""))


def number_rows(one: Covariate, row: Result, weights: np.ndarray, here: np.ndarray) -> Iterator[Result]:
    """Mean and standard deviation of those for whom the number is recorded; nothing for a category."""
    if one.numbers is None:
        return
    known = here & np.isfinite(one.numbers) & (weights > 0)
    if known.sum() < 2:
        return
    numbers, weights = one.numbers[known], weights[known]
    mean = float(np.average(numbers, weights=weights))
    spread = float(np.sqrt(np.average((numbers - mean) ** 2, weights=weights)))
    yield replace(row, measure="mean", unit=one.unit, stratum=one.label, estimate=round(mean, 1))
    yield replace(row, measure="sd", unit=one.unit, stratum=one.label, estimate=round(spread, 1))


def share_rows(one: Covariate, row: Result, weights: np.ndarray, here: np.ndarray, threshold: int) -> Iterator[Result]:
    """Share of each category, without any count; what is small in either arm, in or out, is not shown."""
    weighed = np.bincount(one.codes[here], weights=weights, minlength=len(one.levels)) / weights.sum()
    for places, stratum in shown_levels(one.levels, one.counts, one.label, threshold):
        shown = not small_in_any(one.counts, places, threshold)
        found = coarse(float(weighed[places].sum()), len(weights), threshold)
        yield replace(
            row,
            measure="share",
            unit="share",
            stratum=stratum,
            estimate=found if shown else None,
            reason="" if shown else FEW,
        )


def coarse(share: float, people: int, threshold: int) -> float:
    """The share in steps of at least threshold people, so that no two tables tell a few people apart; fifths at the
    coarsest."""
    parts = next((parts for parts in STEPS if people >= parts * threshold), STEPS[-1])
    return round(parts * share) / parts


def shown_levels(
    levels: Sequence[str], counts: np.ndarray, label: str, threshold: int
) -> Iterator[tuple[list[int], str]]:
    """Which categories (their places) have a row, alone or together, and its name; counts (arms, levels) of people.

    A yes-or-no measure is its yes, a number its share not recorded: the other side follows.  Of several categories,
    those with
    1 to threshold - 1 people in some arm go together, and with the smallest of the rest where they are still few.
    """
    names = [name for name, people in zip(levels, counts.sum(axis=0), strict=True) if people]
    small = [place for place in range(len(levels)) if ((counts[:, place] > 0) & (counts[:, place] < threshold)).any()]
    if "recorded" in names:
        yield from ([([levels.index("not recorded")], f"{label}: not recorded")] if len(names) > 1 else [])
        return
    if {"yes", "no"} <= set(names) and set(names) - {levels[place] for place in small} <= {"yes", "no"}:
        yield [levels.index("yes")], label if len(names) == 2 else f"{label}: yes"
        return
    left = [place for place in range(len(levels)) if place not in small]
    if small and len(left) > 1 and small_in_any(counts, small, threshold):
        small.append(left.pop(min(range(len(left)), key=lambda i: (counts[:, left[i]].sum(), levels[left[i]]))))
    for place in left:
        yield [place], f"{label}: {levels[place]}"
    if small:
        yield small, f"{label}: {OTHERS if len(small) > 1 else levels[small[0]]}"


def small_in_any(counts: np.ndarray, places: list[int], threshold: int) -> bool:
    """True where some arm has 1 to threshold - 1 people in, or out; counts (arms, levels)."""
    inside = counts[:, places].sum(axis=1)
    outside = counts.sum(axis=1) - inside
    return bool(((inside > 0) & (inside < threshold) | (outside > 0) & (outside < threshold)).any())
