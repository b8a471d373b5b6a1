"""Confounders as columns: categories get an explicit unknown, numbers a fill value and an indicator; nobody is
dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.analysis.frames import codes_of
from pipeline.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.analysis.contrasts import Endpoint

HOW_SEEN, IN_PERSON = "baseline_modality", "in_person"
BLOCK = 2048  # rows
RARE = 0.01  # a category with a smaller share of people joins the others that are rare
FEWEST = 10  # and so does one of fewer people, whatever their share: a model column of two people fits those two
PER_COLUMN = 10  # people of the smallest arm for each model column beyond the core confounders' own
HIGH_RISK = {"CSSRS": 4.0, "PHQ9:item_9": 2.0}  # intent or plan; more than half the days
COLUMN_OF = {"function": "function_score", "quarter": "period"}
NUMBERS = ("baseline_score", "function", "prior_episodes", "age", "stay_days")
LABELS = {
    "baseline_score": "Score at start",
    "suicide_risk": "Suicide risk at start",
    "function": "Functioning at start",
    "diagnosis_group": "Diagnosis",
    "prior_24h_care": "24-hour care in the year before",
    "prior_episodes": "Earlier episodes",
    "sud": "Substance use disorder",
    "trauma": "Trauma",
    "age": "Age",
    "sex": "Sex",
    "payer": "Payer",
    "referral_source": "Referral source",
    "housing": "Housing",
    "quarter": "Quarter of start",
    "baseline_modality": "First contact by video or phone",
    "race_ethnicity": "Race and ethnicity",
    "psychosis": "Psychosis",
    "planned_weeks": "Planned weeks",
    "track": "Track",
    "recommended_level": "Recommended level",
    "site": "Site",
    "level_of_care": "Level left",
    "ended_as": "How the stay ended",
    "stay_days": "Days of the stay",
}
HELD_OUT = ("race_ethnicity", "psychosis")  # balanced by nobody's model: what they show is a check on it


@dataclass(frozen=True, slots=True)
class CovariateDesign:
    """Model columns of n people.

    values    (n, p) numbers centered and scaled to SD 1, categories as 0/1 against their most common level
    terms     p labels, one per column
    of        p confounder names, one per column
    numeric   (p,) True where the column is a measured number (its square and products are checked for balance)
    recorded  confounder name → (n,) True where it was recorded
    left_out  confounders beyond the core that these few people cannot carry: balanced by no model, so checked instead
    """

    values: np.ndarray
    terms: tuple[str, ...]
    of: tuple[str, ...]
    numeric: np.ndarray
    recorded: dict[str, np.ndarray]
    left_out: tuple[str, ...] = ()

    def without(self, name: str) -> np.ndarray:
        """The columns of every other confounder, (n, q)."""
        kept: np.ndarray = self.values[:, [other != name for other in self.of]]
        return kept


def design(
    people: pd.DataFrame, study: Study, endpoint: Endpoint | None, names: tuple[str, ...] | None = None
) -> CovariateDesign:
    """The design of these people for the study's confounders, or for the names given."""
    columns: list[np.ndarray] = []
    terms: list[str] = []
    of: list[str] = []
    numeric: list[bool] = []
    recorded: dict[str, np.ndarray] = {}
    left_out: list[str] = []
    room = columns_allowed(people) if names is None else len(people)
    for name in names or (*study.confounders.core, *study.confounders.more):
        column = COLUMN_OF.get(name, name)
        recorded[name] = was_recorded(people, name)
        if column not in people:
            continue
        values = people[column]
        if name == HOW_SEEN and part_of_a_level(people):
            continue
        label = label_of(name, people, endpoint)
        if name == "suicide_risk":
            values = risk_groups(values, people["suicide_risk_source"])
        made = (
            number_terms(values, label, name in study.confounders.core)
            if name in NUMBERS
            else category_terms(values, label)
        )
        found = list(made)
        if name not in study.confounders.core and len(columns) + len(found) > room:
            left_out.append(name)
            continue
        for term, one, is_number in found:
            columns.append(one)
            terms.append(term)
            of.append(name)
            numeric.append(is_number)
    return CovariateDesign(
        side_by_side(columns, len(people)),
        tuple(terms),
        tuple(of),
        np.array(numeric, dtype=bool),
        recorded,
        tuple(left_out),
    )


def side_by_side(columns: Sequence[np.ndarray], people: int) -> np.ndarray:
    """(n, p) of p columns (n,), written by blocks of rows: a whole column at a time goes past every cache."""
    out = np.empty((people, len(columns)))
    for i in range(0, people, BLOCK):
        for place, column in enumerate(columns):
            out[i : i + BLOCK, place] = column[i : i + BLOCK]
    return out


def was_recorded(people: pd.DataFrame, name: str) -> np.ndarray:
    """(n,) whose value of a confounder was recorded; nobody's where the records have no such column."""
    column = COLUMN_OF.get(name, name)
    return people[column].notna().to_numpy() if column in people else np.zeros(len(people), dtype=bool)


def part_of_a_level(people: pd.DataFrame) -> bool:
    """Whether everybody of some arm was first seen in person: there the way of seeing people is part of the level, and
    no confounder of it."""
    if "arm" not in people:
        return False
    remote = (people[HOW_SEEN].notna() & (people[HOW_SEEN] != IN_PERSON)).to_numpy(dtype=bool)
    return bool(people["arm"][remote].nunique() < people["arm"].nunique())


def columns_allowed(people: pd.DataFrame) -> int:
    """How many model columns these people can carry: one for every PER_COLUMN people of the smallest arm."""
    if "arm" not in people or not len(people):
        return len(people)
    counts = np.bincount(codes_of(people["arm"])[0])
    return int(counts[counts > 0].min()) // PER_COLUMN


def risk_groups(risk: pd.Series, source: pd.Series) -> pd.Series:
    """Suicide risk as the groups a clinician acts on (none, some, high); an ordinal scale is never averaged."""
    import pandas as pd

    named = source.dropna()
    high = HIGH_RISK.get(str(named.iloc[0]) if len(named) else "", 4.0)
    values = risk.to_numpy(dtype=np.float64, na_value=np.nan)
    words = np.select([np.isnan(values), values >= high, values > 0], [-1, 0, 2], 1)
    return pd.Series(pd.Categorical.from_codes(words, ["high", "none", "some"]), index=risk.index)


def label_of(name: str, people: pd.DataFrame, endpoint: Endpoint | None) -> str:
    """The confounder as a reader would call it, with the instrument it came from."""
    source = {"suicide_risk": "suicide_risk_source", "function": "function_source"}.get(name)
    if name == "baseline_score" and endpoint is not None and endpoint.source is not None:
        return f"{endpoint.source.instrument} at start"
    if source and source in people and people[source].notna().any():
        return f"{LABELS[name]} ({people[source].dropna().iloc[0]})"
    return LABELS.get(name, name)


def number_terms(values: pd.Series, label: str, curved: bool) -> Iterator[tuple[str, np.ndarray, bool]]:
    """A number scaled to SD 1, its square where it is a core confounder, and an indicator where some are not
    recorded."""
    numbers = values.astype("float64").to_numpy()
    known = np.isfinite(numbers)
    if not known.any():
        return
    scale = numbers[known].std() or 1.0
    scaled = np.where(known, (numbers - numbers[known].mean()) / scale, 0.0)
    if np.ptp(scaled) > 0:
        yield label, scaled, True
        if curved and np.unique(scaled).size > 2 and known.sum() >= 2 * PER_COLUMN * FEWEST:
            square = scaled**2
            yield f"{label}, squared", square - square.mean(), False
    if FEWEST <= (~known).sum() < len(known):
        yield f"{label}: not recorded", (~known).astype(float), False


def reference_terms(people: pd.DataFrame, names: Iterable[str]) -> Iterator[tuple[str, np.ndarray]]:
    """The most common level of each of these categories as a 0/1 column: the one that a design has no column of.

    A yes-or-no measure has none, since its no is as far apart as its yes.
    """
    for name in dict.fromkeys(names):
        column = COLUMN_OF.get(name, name)
        if name in NUMBERS or column not in people or not len(people):
            continue
        values = (
            risk_groups(people[column], people["suicide_risk_source"]) if name == "suicide_risk" else people[column]
        )
        codes, levels = coded_levels(values)
        place = int(np.bincount(codes, minlength=len(levels)).argmax())
        if len(levels) > 1 and not (len(levels) == 2 and set(levels) <= {"yes", "no"}):
            yield f"{label_of(name, people, None)}: {levels[place]}", (codes == place).astype(float)


def category_terms(values: pd.Series, label: str) -> Iterator[tuple[str, np.ndarray, bool]]:
    """0/1 columns against the most common level."""
    if not len(values):
        return
    codes, levels = coded_levels(values)
    reference = np.bincount(codes, minlength=len(levels)).argmax()
    if len(levels) == 2 and set(levels) <= {"yes", "no"}:
        yield label, (codes == levels.index("yes")).astype(float), False
        return
    for place, level in enumerate(levels):
        if place != reference:
            yield f"{label}: {level}", (codes == place).astype(float), False


def coded_levels(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    """(n,) the place of each person's category among the categories in order of their text."""
    codes, seen = codes_of(values)
    counts = np.bincount(codes, minlength=len(seen))
    least = max(RARE * len(values), FEWEST)
    names = [
        category_text(value) if count >= least else "rare" if count else ""
        for value, count in zip(seen, counts, strict=True)
    ]
    levels = sorted({name for name, count in zip(names, counts, strict=True) if count})
    place = {name: i for i, name in enumerate(levels)}
    return np.array([place.get(name, -1) for name in names], dtype=np.int64)[codes], levels


def category_text(value: object) -> str:
    """A recorded value as a category: yes, no, whole numbers without a point, or its own text."""
    if value is None or str(value) in ("<NA>", "nan", "NaT"):
        return "not recorded"
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)
