"""A question of a researcher's own: one declared outcome, two arms, other covariates, a part of the people.

Asked by the same people, fit, diagnostics and gate as the study's own contrasts; always exploratory, so it carries no
verdict word.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pipeline.analysis.cohort import MIN_STARTS, Records, people_asked
from pipeline.analysis.comparison.like_for_like import answer
from pipeline.analysis.contrasts import Contrast, Endpoint, endpoints
from pipeline.analysis.covariates import category_text
from pipeline.errors import UsageError
from pipeline.results import Diagnostic, Result
from pipeline.study import CONFOUNDERS, Study

if TYPE_CHECKING:
    import pandas as pd

# What a part of the people may be picked by: categories known on day 0.  Never a number: two ranges that differ by one
# year would count those of that year.
WHERE = (
    *("sex", "race_ethnicity", "payer", "referral_source", "housing", "diagnosis_group", "sud", "trauma", "psychosis"),
    *("prior_24h_care", "baseline_modality", "recommended_level"),
)
MOST_RESTRICTIONS = 2
ROWS = 4  # the difference, its naive twin, and each arm's adjusted mean; what a study asks further is not asked here


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnQuestion:
    """What is asked: of which outcome, of which arm against which reference, adjusted for what, of whom.

    covariates     instead of the study's [confounders] more (None: as the study has them); the core ones always stay
    where          column → the category kept
    without_sites  sites left out
    """

    outcome: str
    arms: tuple[str, str]
    covariates: tuple[str, ...] | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    without_sites: tuple[str, ...] = ()

    @property
    def part(self) -> str:
        """Whom it is asked of, in words; empty where of everybody."""
        sites = [f"without site {', '.join(self.without_sites)}"] if self.without_sites else []
        return "; ".join([f"{name}: {value}" for name, value in self.where.items()] + sites)

    @property
    def words(self) -> str:
        """What makes it another question than the study's own."""
        chosen = self.covariates
        adjusted = "the study's confounders" if chosen is None else ", ".join(("the core confounders", *chosen))
        return "; ".join(["own question", *([self.part] if self.part else []), f"adjusted for {adjusted}"])


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """Its rows before the disclosure gate, and how many people there are of each arm, outcome, site and restricted
    value."""

    results: list[Result]
    diagnostics: list[Diagnostic]
    counts: Mapping[tuple[str, str, str, tuple[str, ...]], int]


def answer_own(records: Records, study: Study, question: OwnQuestion) -> OwnAnswer:
    """The answer to an own question, or its refusal.

    Raises UsageError for an outcome, arm, covariate, column, value or site that the study does not know.
    """
    endpoint = endpoint_of(study, question)
    check_question(records, study, question)
    contrast = Contrast(endpoint=endpoint, arm=question.arms[0], reference=question.arms[1], role="exploratory")
    part = part_of(records, question)
    more = study.confounders.more if question.covariates is None else question.covariates
    chosen = replace(study, confounders=replace(study.confounders, more=more))
    results, diagnostics = [], []
    for row in answer(contrast, part, chosen):
        if isinstance(row, Diagnostic):
            diagnostics.append(row)
        elif isinstance(row, Result) and row.analysis in ("like_for_like", "as_observed") and not row.varied:
            results.append(row)
        if len(results) == ROWS:
            break
    return OwnAnswer(*named(results, diagnostics, question), counted(records, endpoint, question))


def endpoint_of(study: Study, question: OwnQuestion) -> Endpoint:
    known = {one.name: one for one in endpoints(study)}
    if question.outcome not in known:
        raise UsageError(
            f'outcome "{question.outcome}" is none of this study: {", ".join(known)}; declare another as an '
            "[[outcomes]] block of study.toml, so that its day and window are fixed before it is opened"
        )
    return known[question.outcome]


def check_question(records: Records, study: Study, question: OwnQuestion) -> None:
    """Refuses words that nothing answers to; what is not there is named beside what is."""
    if len(question.arms) != 2 or question.arms[0] == question.arms[1]:
        raise UsageError("arms are two different ones: (arm, reference)")
    if len(question.where) > MOST_RESTRICTIONS:
        raise UsageError(f"where takes at most {MOST_RESTRICTIONS} columns: more would pick out single people")
    refuse_unknown("arm", question.arms, study.arms)
    refuse_unknown("covariate", question.covariates or (), CONFOUNDERS)
    refuse_unknown("column to pick people by", question.where, WHERE)
    refuse_unknown("site", question.without_sites, sorted(set(records.people["site"].astype(str))))
    for name, value in question.where.items():
        sizes = categories(records.people, name).value_counts()
        # what only a few have is answered like what nobody has: that somebody has it would be told otherwise
        refuse_unknown(f"value of {name}", [value], sorted(sizes[sizes >= study.disclosure.threshold].index))


def refuse_unknown(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Raises UsageError for a word that is not known, with the nearest one or all of them."""
    words = list(known)
    for one in given:
        if one not in words:
            near = difflib.get_close_matches(one, words, n=1, cutoff=0.6)
            hint = f'did you mean "{near[0]}"?' if near else f"known are: {', '.join(words)}"
            raise UsageError(f'no {what} is called "{one}"; {hint}')


def categories(people: pd.DataFrame, name: str) -> pd.Series:
    """Each person's category in words, as covariates have it."""
    return people[name].astype(object).map(category_text).astype(str)


def part_of(records: Records, question: OwnQuestion) -> Records:
    """The records with only the people the question is asked of; an arm with few of them is none."""
    people = records.people
    kept = ~people["site"].astype(str).isin(question.without_sites)
    for name, value in question.where.items():
        kept &= categories(people, name) == value
    part = people[kept].reset_index(drop=True)
    starts = part["arm"].value_counts()
    return replace(records, people=part, arms=tuple(one for one in records.arms if starts.get(one, 0) >= MIN_STARTS))


def counted(
    records: Records, endpoint: Endpoint, question: OwnQuestion
) -> dict[tuple[str, str, str, tuple[str, ...]], int]:
    """Everybody at the two levels, those left out as well, by arm, outcome (or why it is not known), site and
    restricted values."""
    reference_first = (question.arms[1], question.arms[0])
    people = records.people[records.people["arm"].isin(reference_first)]
    asked, _ = people_asked(records, endpoint, reference_first)
    outcome = asked.set_index("episode_id")["outcome"]
    known = outcome.map(lambda value: "measured" if endpoint.kind == "score" else "with" if value else "without")
    found = known.where(outcome.notna(), "not measured")
    told = people["episode_id"].map(found).fillna("not asked")
    values = [categories(people, name) for name in question.where]
    counts: dict[tuple[str, str, str, tuple[str, ...]], int] = {}
    for arm, one, site, *held in zip(people["arm"], told, people["site"].astype(str), *values, strict=True):
        key = (arm, one, site, tuple(held))
        counts[key] = counts.get(key, 0) + 1
    return counts


def named(
    results: list[Result], diagnostics: list[Diagnostic], question: OwnQuestion
) -> tuple[list[Result], list[Diagnostic]]:
    """The rows under the question's own name, so that none is taken for an answer of the study."""
    renamed: dict[str, Any] = {}
    whose = f" ({question.part})" if question.part else ""
    for row in results:
        stratum = "; ".join(filter(None, (question.words, row.stratum)))
        renamed[row.result_id] = replace(row, stratum=stratum, population=f"{row.population}{whose}")
    ids = {old: row.result_id for old, row in renamed.items()}
    return (
        [replace(row, twin_of=ids.get(row.twin_of, row.twin_of)) for row in renamed.values()],
        [replace(row, result_id=ids.get(row.result_id, row.result_id)) for row in diagnostics],
    )
