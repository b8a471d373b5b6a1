"""C14 beside how long stays last: would fewer be back in 24-hour care had everybody stayed at least six weeks in IOP?
Everybody who starts is in both strategies until they are seen to have left, or to have stayed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from pipeline.analysis.cohort import with_first_baseline
from pipeline.analysis.covariates import design
from pipeline.analysis.frames import of_its_value, text_places
from pipeline.analysis.gate import refusal
from pipeline.analysis.headline import Asking, NaiveTwin
from pipeline.analysis.lacking import NO_IOP
from pipeline.analysis.questions.discharged import Leaving
from pipeline.analysis.questions.stay_length import ACROSS
from pipeline.analysis.questions.step_down import SINGLE_STAYS, SITES_ONLY, coming_back, naive, numbered
from pipeline.analysis.questions.step_down_checks import checks
from pipeline.errors import NotEstimable
from pipeline.results import Diagnostic, GateWord, Result, Verdict
from pipeline.stats.sites import MANY_SITES
from pipeline.stats.strategies.strategies import NOT, WITHIN, Strategies, Unit, clone_censor_weight
from pipeline.stats.strategies.strategy_risks import risk, risk_difference

ANALYSIS = "staying_on"
LAST_DAY = 180
DRAWS = 200  # standard errors are then known to 5 % of themselves
WEEK = 7
NEVER = 10**6
WEEKS = 6  # around the middle of stays: of fewer or more weeks one of the two strategies has hardly anybody
ARMS = {NOT: f"at least {WEEKS} weeks of IOP", WITHIN: f"under {WEEKS} weeks of IOP"}
FEW = "at no site did enough people leave IOP within six weeks and enough stay; a longer study period would help"
TWIN = NaiveTwin(
    "by how long they stayed, counted from day 0",
    "Whoever is back in 24-hour care within the first weeks cannot have stayed longer, and is counted against leaving.",
)
ASSUMED = "It holds if what was recorded at the start tells who leaves when: how people did in care is not in it."
Row = Result | Diagnostic


def stay_strategy(asking: Asking) -> Iterator[Row]:
    """The risk of being back in 24-hour care by day 180 from the start of IOP had everybody left within six weeks,
    beside had everybody stayed longer; exploratory."""
    whom = "everybody who started new in IOP"
    row = Result(question="C14", analysis=ANALYSIS, **coming_back(LAST_DAY, ARMS[WITHIN], ARMS[NOT], whom))
    try:
        people = who_can_be_asked(started_iop(asking), asking)
        yield from answered(asking, people, row)
    except NotEstimable as why:
        yield from TWIN.refused(row, str(why))


def started_iop(asking: Asking) -> pd.DataFrame:
    """One row per person who started new in IOP: days from the start to leaving for good, coming back to 24-hour care,
    death and the end of the records; NEVER where it was not seen."""
    con, study, records = asking.warehouse, asking.study, asking.records
    if not study.episodes.seen_after:
        raise NotEstimable(SINGLE_STAYS)
    frame = with_first_baseline(records.people[records.people["level_of_care"] == "IOP"], records)
    lengths = con.execute("SELECT episode_id, days, days_latest, ended FROM stay_lengths ORDER BY episode_id").df()
    frame = frame.merge(lengths, on="episode_id", validate="one_to_one")
    if frame.empty:
        raise NotEstimable(NO_IOP)
    if (frame["days"] != frame["days_latest"]).any():
        raise NotEstimable(ACROSS)
    beds = con.execute("SELECT patient_id, start_day AS back_day FROM stay_parts ORDER BY patient_id, start_day").df()
    deaths = con.execute("SELECT patient_id, death_day FROM known_deaths ORDER BY patient_id").df()
    later = frame[["patient_id", "start_day"]].merge(beds, on="patient_id")
    first = later[later["back_day"] > later["start_day"]].groupby("patient_id")["back_day"].min()
    frame = frame.merge(deaths, on="patient_id", how="left", validate="one_to_one")
    gap = study.episodes.gap_days["IOP"]
    return frame.assign(
        back=(frame["patient_id"].map(first) - frame["start_day"]).fillna(NEVER).astype(np.int64),
        dead=(frame["death_day"] - frame["start_day"]).fillna(NEVER).astype(np.int64),
        end=frame["observed_to_day"] - frame["start_day"],
        left=(frame["days"] - 1 + gap).where(frame["ended"], NEVER),
    )


def who_can_be_asked(frame: pd.DataFrame, asking: Asking) -> Leaving:
    """Those at sites where some are seen to leave within the weeks and some to stay; leaving is known once the silence
    that ends a stay has passed, and until then nobody has left."""
    study = asking.study
    people = described(frame, asking)
    stayed = ~people.started & (people.day > grace_of(asking))
    least = study.gate.min_observed_per_site
    enough = np.minimum(*(of_its_value(frame["site"], those) for those in (people.started, stayed))) >= least
    kept = frame[enough].reset_index(drop=True)
    if kept.empty:
        raise NotEstimable(FEW)
    return described(kept, asking)


def grace_of(asking: Asking) -> int:
    """Last day on which somebody who left within the weeks is seen to have left."""
    return WEEKS * WEEK - 1 + asking.study.episodes.gap_days["IOP"]


def described(frame: pd.DataFrame, asking: Asking) -> Leaving:
    """The people with their days and model columns.  Coming back is before death on one day."""
    study = asking.study
    back, dead, end, left = (frame[name].to_numpy(dtype=np.int64) for name in ("back", "dead", "end", "left"))
    day = np.minimum(np.minimum(back, dead), end)
    cause = np.where(back == day, 1, np.where(dead == day, 2, 0))
    changed = np.where((left < day) | ((left == day) & (cause == 0)), left, -1)
    _, site = text_places(frame["site"])
    names = (*study.confounders.core, *study.confounders.more)
    started = (changed >= 0) & (changed <= grace_of(asking))
    return Leaving(frame, day, cause, changed, started, site, design(frame, study, None, names))


def answered(asking: Asking, people: Leaving, row: Result) -> Iterator[Row]:
    """The difference with its twin and the risk under each strategy, or the refusal."""
    study, grace = asking.study, grace_of(asking)
    given: dict[str, Any] = {
        "covariates": people.design.values,
        "grace": grace,
        "horizon": LAST_DAY,
        "causes": 2,
        "site": people.site,
        "width": WEEK,
        "max_weight": study.gate.max_observation_weight,
    }
    followed = clone_censor_weight(people.day, people.cause, people.changed, **given)
    lines = checks(people, followed, row.arm, row.reference, study, row.result_id, grace)
    yield from lines
    refusing = refusal(lines)
    if refusing is not None:
        yield from TWIN.refused(row, refusing.reason, refusing.verdict)
        return
    unit: Unit = "sites" if np.unique(people.site).size >= MANY_SITES else "people"
    rng = np.random.default_rng([study.study.seed, grace])
    found = clone_censor_weight(people.day, people.cause, people.changed, draws=DRAWS, unit=unit, rng=rng, **given)
    told = numbered(row, risk_difference(found, LAST_DAY), people, ASSUMED)
    if unit == "people":
        told = replace(told, note=f"{SITES_ONLY} {told.note}")
    told = replace(told, gate=GateWord.PASSED, verdict=Verdict.EXPLORATORY, ess=float(found.ess.min()))
    yield told
    short = people.frame["days"].to_numpy() <= WEEKS * WEEK
    yield naive(told, replace(people, started=short), TWIN)
    yield from both_risks(found, told)


def both_risks(found: Strategies, row: Result) -> Iterator[Result]:
    """The share back by the day under each strategy; people count in both until they follow one, so no events."""
    for strategy in (NOT, WITHIN):
        value = risk(found, strategy, LAST_DAY)
        one = replace(row.blank(), arm=ARMS[strategy], reference="", measure="risk", ess=None, note="")
        yield replace(one, twin_of=row.result_id, se=value.se, n=value.n).limited(value)
