"""C15: do people do better at the level that was recommended for them?  Recommended beside received, and similar people
compared."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.adjusted import attempt, sizes, unadjusted, with_estimate
from pipeline.analysis.comparison.fitted import Comparison, coded_target
from pipeline.analysis.contrasts import Endpoint, endpoints
from pipeline.analysis.descriptive import share
from pipeline.analysis.gate import DESCRIPTIVE
from pipeline.analysis.headline import CLAIM, Asking, headline, naive_twin, refused, refused_with_twin
from pipeline.results import FigurePoint, Result
from pipeline.schema import LEVELS
from pipeline.stats.weighting.arm_means import difference
from pipeline.study import Study
from pipeline.watched import with_choices

if TYPE_CHECKING:
    import pandas as pd

UNDER, MATCHED, OVER = "less than recommended", "as recommended", "more than recommended"
GROUPS = {"under": UNDER, "matched": MATCHED, "over": OVER}
TOO_ALIKE = 0.98  # clinic and payer seldom agree so well; a recommendation filled in after the placement does
THREE = "three groups"
WHY = "everybody with such a recommendation and a score later, without adjusting for how those placed elsewhere differ"
NO_SCORE = (
    "no symptom score is followed here: add an [[outcomes]] block to study.toml, and collect it at the start and at"
    " day 90"
)
NOT_RECORDED = (
    "the level recommended at intake is recorded for too few people: export recommended_level of episodes, as it was"
    " written before the placement"
)
AFTER = (
    "nearly everybody received the level that was recommended, as happens where the recommendation is written after the"
    " placement: export the recommendation as it was made at intake"
)


def matching_needs(asking: Asking) -> Iterator[Any]:
    """The matrix of recommended and received levels, how often they agree, and the contrast of three groups; or why
    not."""
    question = next((one for one in by_primary(asking.study) if one.kind == "score"), None)
    row = base(question, asking.study)
    placed = placed_people(asking)
    recorded = len(placed) / max(len(asking.records.people), 1)
    if not len(placed) or recorded < asking.study.gate.min_recorded:
        yield from without(row, NOT_RECORDED)
        return
    yield from agreement(placed)
    if (placed["arm"] == MATCHED).mean() >= TOO_ALIKE:
        yield from without(row, AFTER)
    elif question is None:
        yield from without(row, NO_SCORE)
    else:
        yield from compared(asking, placed, question, row)


def by_primary(study: Study) -> list[Endpoint]:
    """The study's questions, the primary contrast's own first."""
    primary = study.comparison.primary[2:]
    return sorted(endpoints(study), key=lambda one: one.name not in primary)


def base(question: Endpoint | None, study: Study) -> Result:
    """What the headline says whether or not it carries a number."""
    return headline(
        "C15",
        outcome=question.name if question else "",
        day=question.day if question else None,
        arm=MATCHED,
        reference=UNDER,
        measure="difference",
        unit="points",
        target=coded_target(study.comparison.target, ()),
        estimator="augmented",
        population="people with a recommendation above the lowest level who could have been placed at or below it",
    )


def without(row: Result, reason: str, verdict: str = DESCRIPTIVE) -> Iterator[Result]:
    """The headline and its twin without any number."""
    return refused_with_twin(row, verdict, reason, estimator="unadjusted", why=WHY)


def placed_people(asking: Asking) -> pd.DataFrame:
    """People with a recommendation, in the arms less than, as, and more than recommended."""
    frame = asking.warehouse.execute("SELECT * FROM placements").df()
    people = asking.records.people.drop(columns=["recommended_level"], errors="ignore").merge(
        frame, on="episode_id", validate="one_to_one"
    )
    return people.assign(arm=people["placement"].map(GROUPS)).reset_index(drop=True)


def agreement(placed: pd.DataFrame) -> Iterator[Any]:
    """The share placed below, at and above the recommended level, as observed, and the matrix of levels."""
    where = {"question": "C15", "analysis": "placement", "population": "people with a recommendation at intake"}
    for group in (UNDER, MATCHED, OVER):
        yield share(placed["arm"] == group, **where, measure=f"placed_{group.replace(' ', '_')}")
    for (recommended, received), people in placed.groupby(["recommended_level", "received_level"], sort=True):
        whole = int((placed["recommended_level"] == recommended).sum())
        yield FigurePoint(
            "",
            "placement_matrix",
            str(recommended),
            None,
            round(len(people) / whole, 2),
            None,
            None,
            len(people),
            str(received),
        )


def compared(asking: Asking, placed: pd.DataFrame, question: Endpoint, row: Result) -> Iterator[Any]:
    """As recommended against less, which is the headline, and against more, each on the overlap of the two; then all
    three at once."""
    lowest, highest = placed["recommended_level"] == LEVELS[0], placed["recommended_level"] == LEVELS[-1]
    over = replace(
        row,
        analysis="placement",
        reference=OVER,
        population="people with a recommendation below the highest level who could have been placed at or above it",
    )
    three = replace(
        row,
        analysis="placement",
        stratum=THREE,
        population=(
            "people with a recommendation between the lowest and the highest level who could have been placed at, below"
            " or above it"
        ),
    )
    comparison = yield from fitted(asking, placed[~lowest], question, row, (UNDER, MATCHED))
    if comparison is not None:
        yield naive_twin(
            contrasted(comparison, question, row), estimator="unadjusted", why=WHY, **unadjusted(comparison, question)
        )
    yield from fitted(asking, placed[~highest], question, over, (OVER, MATCHED))
    yield from fitted(asking, placed[~lowest & ~highest], question, three, (UNDER, MATCHED, OVER))


def fitted(
    asking: Asking, placed: pd.DataFrame, question: Endpoint, row: Result, arms: tuple[str, ...]
) -> Generator[Any, None, Comparison | None]:
    """The contrast of the second of these groups with the first, the recommended level adjusted for; returns what it
    was made from."""
    confounders = asking.study.confounders
    more = tuple(dict.fromkeys((*confounders.more, "recommended_level")))
    study = with_choices(asking.study, confounders=replace(confounders, more=more))
    people, steps = people_asked(replace(asking.records, people=placed), question, arms)
    yield from steps
    tried = attempt(people, arms, study, question, row.result_id, asking.records.controls)
    yield from tried.diagnostics
    if tried.refusal or tried.comparison is None:
        assert tried.refusal is not None
        row = refused(row, tried.refusal.verdict, of_placement(tried.refusal.reason))
        yield row
        if row.analysis == CLAIM:
            yield naive_twin(row, estimator="unadjusted", why=WHY)
        return None
    yield contrasted(tried.comparison, question, row)
    return tried.comparison


def contrasted(comparison: Comparison, question: Endpoint, row: Result) -> Result:
    """The row with the difference of the second group from the first; exploratory."""
    means = comparison.means
    assert means is not None
    return with_estimate(
        row,
        question,
        difference(means, 1, 0),
        gate="passed",
        verdict="exploratory",
        note=comparison.sites.sentence,
        **sizes(comparison),
    )


def of_placement(reason: str) -> str:
    """A reason of the gate in the words of placements."""
    return reason.replace("at the other level", "in the other groups").replace(
        "at one level than at the other", "in one group than in another"
    )
