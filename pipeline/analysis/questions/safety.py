"""What went wrong within 30 and 90 days of the start, as observed, at every level: harm that stands beside each
benefit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pipeline.analysis.frames import NUMBER, NUMBERED, column_beside
from pipeline.analysis.headline import Asking
from pipeline.errors import NotEstimable
from pipeline.results import Result, Verdict
from pipeline.stats.proportions import exact_share

if TYPE_CHECKING:
    import pandas as pd

HARMS = {
    "self_harm": "people who were reached and asked",
    "ed_visit": "people who were reached and asked",
    "moved_up": "people whose records reach so far, started below 24-hour care",
    "died": "people whose records reach so far",
}
UNKNOWN = {
    "self_harm": (
        "nobody was asked about self-harm at follow-up: record it, and whoever could not be reached, in followups"
    ),
    "ed_visit": (
        "nobody was asked about emergency visits at follow-up: record them, and whoever could not be reached, in"
        " followups"
    ),
    "moved_up": "people who start in 24-hour care cannot be moved up to it",
    "died": (
        "no death and no follow-up contact is recorded anywhere, so nobody can tell: record deaths in discharges or"
        " followups"
    ),
}


def safety(asking: Asking) -> Iterator[Result]:
    """The share with each harm by arm and day, with exact limits; where nobody had it, the rule of three bounds it from
    above."""
    frame = asking.warehouse.execute(
        f"SELECT * EXCLUDE (episode_id) FROM safety_set JOIN ({NUMBERED}) USING (episode_id) ORDER BY {NUMBER}, at_day"
    ).df()
    frame = frame.assign(arm=column_beside(frame, asking.records.people, "arm"))
    recorded = bool(frame[["self_harm", "ed_visit"]].notna().any(axis=None) or frame["died"].any())
    if not recorded:
        frame["died"] = None
    last = {name: frame.loc[frame["observable"].astype(bool) & frame[name].notna(), "at_day"].max() for name in HARMS}
    for arm in asking.records.arms:
        for day, here in frame[(frame["arm"] == arm) & frame["observable"].astype(bool)].groupby("at_day", sort=True):
            yield from (
                harm_row(here[name].dropna().astype(bool), name, arm, int(day), unknown(name, int(day), last[name]))
                for name in HARMS
            )


def unknown(name: str, day: int, last: float) -> str:
    """Why a harm is known of nobody by a day; last: the latest day by which it is known of anybody, or nan."""
    if last < day:
        return f"it was asked about up to day {last:.0f} and of nobody later: ask again when day {day} has come"
    return UNKNOWN[name]


def harm_row(event: pd.Series, name: str, arm: str, day: int, why: str) -> Result:
    """One harm of one arm by one day among those for whom it is known; why: what is said where it is known of
    nobody."""
    numerator, denominator = int(event.sum()), len(event)
    where: dict[str, Any] = {
        "question": "C11",
        "analysis": "safety",
        "measure": name,
        "arm": arm,
        "day": day,
        "unit": "share",
        "target": "observed",
        "population": HARMS[name],
        "estimator": "exact",
        "verdict": Verdict.DESCRIPTIVE,
    }
    if denominator == 0:
        return Result(**where, reason=why)
    counts = {"n": denominator, "events": numerator, "numerator": numerator, "denominator": denominator}
    try:
        return Result(**where).limited(exact_share(numerator, denominator), **counts)
    except NotEstimable as why:
        return Result(**where, reason=str(why))
