"""Table 1: who the compared people were at the start, as they came and as they are weighted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.fitted import Comparison, Fitted, Unfitted, fit
from pipeline.analysis.contrasts import Contrast, contrasts
from pipeline.analysis.covariates import COLUMN_OF, HELD_OUT, NUMBERS, category_levels, label_of, risk_groups
from pipeline.analysis.headline import Asking
from pipeline.errors import NotEstimable
from pipeline.results import Result
from pipeline.study import Study

if TYPE_CHECKING:
    import pandas as pd

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


def table_one(asking: Asking) -> Iterator[Result]:
    """A table for each two levels that are compared in the study's first outcome, the first comparison's first; none
    where a level has nobody to ask."""
    study = asking.study
    first = next((one for one in contrasts(study) if one.role == "primary"), next(iter(contrasts(study)), None))
    if first is None:
        return
    others = [one for one in contrasts(study) if one.endpoint == first.endpoint and set(one.arms) != set(first.arms)]
    for contrast in {frozenset(one.arms): one for one in (first, *others)}.values():
        yield from table_of(asking, contrast, PAIR.format(*contrast.arms) if contrast is not first else "")


def table_of(asking: Asking, contrast: Contrast, pair: str) -> Iterator[Result]:
    """The table of one comparison; nothing where it has no two arms with people to ask."""
    if not all(arm in asking.records.arms for arm in contrast.arms):
        return
    people, _ = people_asked(asking.records, contrast.endpoint, contrast.arms)
    try:
        comparison = fit(people, contrast.arms, asking.study, contrast.endpoint)
    except NotEstimable:
        return  # the comparison's own row says why
    yield from (replace(row, varied=pair) for row in rows_of(comparison, contrast, asking.study))


def rows_of(comparison: Fitted | Unfitted, contrast: Contrast, study: Study) -> Iterator[Result]:
    """One row per arm, covariate (or category of it) and weighting; SMDs are with the comparison's diagnostics."""
    weightings = {"observed": np.ones(len(comparison.used_codes))}
    if isinstance(comparison, Fitted):
        weightings[comparison.means.target] = comparison.means.balancing
    asked = contrast.endpoint
    blank = Result(question=asked.code, analysis=ANALYSIS, outcome=asked.name, day=0, measure="")
    for target, weights in weightings.items():
        for code, arm in enumerate(comparison.arms):
            here = comparison.used_codes == code
            row = replace(blank, arm=arm, target=target, estimator="described")
            yield size_row(row, comparison, here, weights[here], study)
            for name in (*study.confounders.core, *study.confounders.more, *HELD_OUT):
                yield from covariate_rows(name, row, comparison, weights, here, contrast, study)


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


def covariate_rows(
    name: str,
    row: Result,
    comparison: Comparison,
    weights: np.ndarray,
    here: np.ndarray,
    contrast: Contrast,
    study: Study,
) -> Iterator[Result]:
    """A number's mean, spread and share not recorded, or a category's shares."""
    people = comparison.used_people
    column = COLUMN_OF.get(name, name)
    if column not in people or not people[column].notna().any():
        return
    label = label_of(name, people, contrast.endpoint)
    if name in NUMBERS:
        yield from number_rows(people[column], label, replace(row, unit=UNITS[name]), weights, here)
        levels = np.where(people[column].notna(), "recorded", "not recorded")
    else:
        values = (
            risk_groups(people[column], people["suicide_risk_source"]) if name == "suicide_risk" else people[column]
        )
        levels = category_levels(values)
    yield from share_rows(
        np.asarray(levels, dtype=str), label, row, comparison.used_codes, weights, here, study.disclosure.threshold
    )


def number_rows(values: pd.Series, label: str, row: Result, weights: np.ndarray, here: np.ndarray) -> Iterator[Result]:
    """Mean and standard deviation of those for whom the number is recorded."""
    numbers = values.astype("float64").to_numpy()
    known = here & np.isfinite(numbers) & (weights > 0)
    if known.sum() < 2:
        return
    mean = float(np.average(numbers[known], weights=weights[known]))
    spread = float(np.sqrt(np.average((numbers[known] - mean) ** 2, weights=weights[known])))
    yield replace(row, measure="mean", stratum=label, estimate=round(mean, 1))
    yield replace(row, measure="sd", stratum=label, estimate=round(spread, 1))


def share_rows(
    levels: np.ndarray,
    label: str,
    row: Result,
    codes: np.ndarray,
    weights: np.ndarray,
    here: np.ndarray,
    threshold: int,
) -> Iterator[Result]:
    """Share of each category, without any count; what is small in either arm, in or out, is not shown."""
    for name, stratum in shown_levels(levels, label, codes, threshold):
        is_here = np.isin(levels, name)
        shown = not small_in_any(is_here, codes, threshold)
        found = coarse(float(np.average(is_here[here], weights=weights[here])), int(here.sum()), threshold)
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


def shown_levels(levels: np.ndarray, label: str, codes: np.ndarray, threshold: int) -> Iterator[tuple[list[str], str]]:
    """Which categories have a row, alone or together, and its name.

    A yes-or-no measure is its yes, a number its share not recorded: the other side follows.  Of several categories,
    those with
    1 to threshold - 1 people in some arm go together, and with the smallest of the rest where they are still few.
    """
    names = sorted(set(levels))
    small = [
        name
        for name in names
        if any(0 < int((levels[codes == code] == name).sum()) < threshold for code in np.unique(codes))
    ]
    if "recorded" in names:
        yield from ([(["not recorded"], f"{label}: not recorded")] if len(names) > 1 else [])
        return
    if {"yes", "no"} <= set(names) and set(names) - set(small) <= {"yes", "no"}:
        yield ["yes"], label if len(names) == 2 else f"{label}: yes"
        return
    left = [name for name in names if name not in small]
    if small and len(left) > 1 and small_in_any(np.isin(levels, small), codes, threshold):
        small.append(left.pop(min(range(len(left)), key=lambda i: (int((levels == left[i]).sum()), left[i]))))
    for name in left:
        yield [name], f"{label}: {name}"
    if small:
        yield small, f"{label}: {OTHERS if len(small) > 1 else small[0]}"


def small_in_any(is_here: np.ndarray, codes: np.ndarray, threshold: int) -> bool:
    """True where some arm has 1 to threshold - 1 people in, or out."""
    counts = [(int(is_here[codes == code].sum()), int((codes == code).sum())) for code in np.unique(codes)]
    return any(0 < count < threshold or 0 < whole - count < threshold for count, whole in counts)
