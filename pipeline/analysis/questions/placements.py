"""C15: do people do better at the level that was recommended for them?  Recommended beside received, and similar people
compared."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.adjusted import sizes, unadjusted
from pipeline.analysis.comparison.attempt import attempt
from pipeline.analysis.comparison.fitted import Fitted, coded_target
from pipeline.analysis.contrasts import Endpoint, raw_sign, score_of
from pipeline.analysis.descriptive import share
from pipeline.analysis.gate import Refused
from pipeline.analysis.headline import Asking, NaiveTwin, headline
from pipeline.analysis.lacking import NO_SCALE
from pipeline.levels import LEVELS
from pipeline.results import Analysis, FigurePoint, GateWord, Result, Verdict
from pipeline.stats.weighting.arm_means import difference
from pipeline.study import Study, main_outcome
from pipeline.watched import with_choices

if TYPE_CHECKING:
    import pandas as pd

UNDER, MATCHED, OVER = "less than recommended", "as recommended", "more than recommended"
GROUPS = {"under": UNDER, "matched": MATCHED, "over": OVER}
TOO_ALIKE = 0.98  # clinic and payer seldom agree so well; a recommendation filled in after the placement does
THREE = "three groups"
TWIN = NaiveTwin(
    "unadjusted",
    "everybody with such a recommendation and a score later, without adjusting for how those placed elsewhere differ",
)
NOT_RECORDED = (
    "the level recommended at intake is recorded for too few people: export it with each episode, as it was written"
    " before the placement"
)
AFTER = (
    "nearly everybody received the level that was recommended, as happens where the recommendation is written after the"
    " placement: export the recommendation as it was made at intake"
)


def placements(asking: Asking) -> Iterator[Any]:
    """The matrix of recommended and received levels, how often they agree, and the contrast of three groups; or why
    not."""
    scale = main_outcome(asking.study)
    endpoint = None if scale is None else score_of("C2", scale)
    row = base(endpoint, asking.study)
    placed = placed_people(asking)
    lacking = why_not(asking, placed)
    if lacking == NOT_RECORDED:
        yield from TWIN.refused(row, lacking)
        return
    yield from agreement(placed)
    if lacking:
        yield from TWIN.refused(row, lacking)
    elif endpoint is None:
        yield from TWIN.refused(row, NO_SCALE)
    else:
        yield from compared(asking, placed, endpoint, row)


def why_not(asking: Asking, placed: pd.DataFrame) -> str:
    """What keeps these recommendations from being asked about, before anybody is compared; empty where nothing does."""
    recorded = len(placed) / max(len(asking.records.people), 1)
    if not len(placed) or recorded < asking.study.gate.min_recorded:
        return NOT_RECORDED
    return AFTER if (placed["arm"] == MATCHED).mean() >= TOO_ALIKE else ""


def measured_lack(asking: Asking, placed: pd.DataFrame) -> str:
    """What keeps the headline from a number before anything is fitted: too few measured in one of its groups."""
    scale = main_outcome(asking.study)
    if scale is None:
        return NO_SCALE
    above = placed[placed["recommended_level"] != LEVELS[0]]
    people, _ = people_asked(replace(asking.records, people=above), score_of("C2", scale), (UNDER, MATCHED))
    measured = people["outcome"].notna().groupby(people["arm"]).sum()
    least = asking.study.gate.min_observed
    short = [group for group in (UNDER, MATCHED) if measured.get(group, 0) < least]
    return "; ".join(f"{least} people placed {group} need the outcome measured, and fewer have it" for group in short)


def base(endpoint: Endpoint | None, study: Study) -> Result:
    """What the headline says whether or not it carries a number."""
    return headline(
        "C15",
        outcome=endpoint.name if endpoint else "",
        day=endpoint.day if endpoint else None,
        arm=MATCHED,
        reference=UNDER,
        measure="difference",
        unit="points",
        target=coded_target(study.comparison.target, ()),
        estimator="augmented",
        population="people with a recommendation above the lowest level who could have been placed at or below it",
    )


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
            figure="placement_matrix",
            series=str(recommended),
            y=round(len(people) / whole, 2),
            n=len(people),
            label=str(received),
        )


def compared(asking: Asking, placed: pd.DataFrame, endpoint: Endpoint, row: Result) -> Iterator[Any]:
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
    comparison = yield from fitted(asking, placed[~lowest], endpoint, row, (UNDER, MATCHED))
    if comparison is not None:
        yield unadjusted(comparison, endpoint, contrasted(comparison, endpoint, row), TWIN)
    yield from fitted(asking, placed[~highest], endpoint, over, (OVER, MATCHED))
    yield from fitted(asking, placed[~lowest & ~highest], endpoint, three, (UNDER, MATCHED, OVER))


def fitted(
    asking: Asking, placed: pd.DataFrame, endpoint: Endpoint, row: Result, arms: tuple[str, ...]
) -> Generator[Any, None, Fitted | None]:
    """The contrast of the second of these groups with the first, the recommended level adjusted for; returns what it
    was made from."""
    confounders = asking.study.confounders
    more = tuple(dict.fromkeys((*confounders.more, "recommended_level")))
    study = with_choices(asking.study, confounders=replace(confounders, more=more))
    people, steps = people_asked(replace(asking.records, people=placed), endpoint, arms)
    yield from steps
    tried = attempt(people, arms, study, endpoint, row.result_id, asking.records.controls)
    yield from tried.diagnostics
    if isinstance(tried, Refused):
        refusal = TWIN.refused(row, of_placement(tried.reason), tried.verdict)
        yield from refusal if row.analysis == Analysis.CLAIM else islice(refusal, 1)
        return None
    yield contrasted(tried.fitted, endpoint, row)
    return tried.fitted


def contrasted(comparison: Fitted, endpoint: Endpoint, row: Result) -> Result:
    """The row with the difference of the second group from the first; exploratory."""
    return row.filled(
        difference(comparison.means, 1, 0),
        sign=raw_sign(endpoint),
        gate=GateWord.PASSED,
        verdict=Verdict.EXPLORATORY,
        note=comparison.holds,
        **sizes(comparison),
    )


def of_placement(reason: str) -> str:
    """A reason of the gate in the words of placements."""
    return reason.replace("at the other level", "in the other groups").replace(
        "at one level than at the other", "in one group than in another"
    )
