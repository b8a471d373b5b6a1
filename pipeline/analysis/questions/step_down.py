"""C6: does starting IOP soon after 24-hour care keep people from coming back to it?  Everybody who leaves is in both
strategies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.analysis.comparison.verdicts import level_note, unless_turned
from pipeline.analysis.descriptive import share
from pipeline.analysis.gate import refusal
from pipeline.analysis.headline import Asking, NaiveTwin, headline
from pipeline.analysis.questions.discharged import LAST_DAY, Leaving, left_care, who_can_be_asked
from pipeline.analysis.questions.step_down_checks import checks
from pipeline.analysis.standing import Standing, level_of, standing_of
from pipeline.errors import NotEstimable
from pipeline.results import Analysis, AttritionStep, CurvePoint, Diagnostic, GateWord, Result, Verdict
from pipeline.stats.estimate import LEVEL, Estimate, wald
from pipeline.stats.robustness.noninferiority import detectable_difference, judge
from pipeline.stats.robustness.sensitivity import e_value
from pipeline.stats.sites import MANY_SITES
from pipeline.stats.strategies.strategies import NOT, WITHIN, Strategies, Unit, clone_censor_weight, landmark
from pipeline.stats.strategies.strategy_risks import incidence_se, risk, risk_difference, risk_ratio
from pipeline.stats.time_in_care.incidence import aalen_johansen, incidence_at
from pipeline.stats.time_in_care.survival import curve_limits

ANALYSIS = "strategies"
FIRST_DAY = 30  # the day of the headline; the usual window of readmission measures
DRAWS = 400  # standard errors are then known to 4 % of themselves
LANDMARK_DRAWS = 150
WEEK = 7
TWIN = NaiveTwin(
    "ever started, counted from day 0",
    "People who had IOP are people who stayed out of 24-hour care long enough to start it: those days cannot hold a"
    " readmission, and whoever came back before starting is counted against the others.",
)
SINGLE_STAYS = (
    "these records are single stays ([episodes] seen_after is false in study.toml), and what followed a stay is in none"
    " of them"
)
SITES_ONLY = "This holds for these sites only."
Row = Result | CurvePoint | Diagnostic | AttritionStep | Standing


def step_down(asking: Asking) -> Iterator[Row]:
    """The risk of being back in 24-hour care by day 30 and 90 had everybody started IOP within the grace period, and
    had nobody."""
    grace = asking.study.episodes.chain_days
    arms = arms_within(grace)
    whom = "everybody who left 24-hour care alive and not for other 24-hour care"
    row = headline("C6", **coming_back(FIRST_DAY, arms[WITHIN], arms[NOT], whom))
    everybody = left_care(asking.warehouse, asking.study, grace)
    people, steps = who_can_be_asked(everybody, asking.study, arms)
    yield from steps
    if missing := what_is_missing(everybody, people, seen_after=asking.study.episodes.seen_after):
        yield from TWIN.refused(row, missing)
        return
    yield from answered(asking, people, row, grace)


def coming_back(day: int, arm: str, reference: str, whom: str) -> dict[str, Any]:
    """What a row on being back in 24-hour care by a day under two strategies says whether or not it has a number."""
    return {
        "outcome": f"readmitted_day{day}",
        "day": day,
        "arm": arm,
        "reference": reference,
        "measure": "risk_difference",
        "unit": "share",
        "target": "combined",
        "estimator": "clone-censor-weight",
        "population": whom,
    }


def arms_within(grace: int) -> tuple[str, str]:
    """The two strategies in words."""
    return f"no IOP within {grace} days", f"IOP within {grace} days"


def why_not(asking: Asking) -> str:
    """The same, before anything is fitted."""
    grace = asking.study.episodes.chain_days
    everybody = left_care(asking.warehouse, asking.study, grace)
    people, _ = who_can_be_asked(everybody, asking.study, arms_within(grace))
    return what_is_missing(everybody, people, seen_after=asking.study.episodes.seen_after)


def what_is_missing(everybody: Leaving, people: Leaving, *, seen_after: bool) -> str:
    """Why the question cannot be put to these records, and what would allow it; empty where it can."""
    if not seen_after:
        return SINGLE_STAYS
    if not everybody.n:
        return (
            "nobody is seen to leave residential or inpatient care; export those stays with their last days and how"
            " they ended"
        )
    if not everybody.started.any():
        return (
            "nobody is seen to start IOP after 24-hour care; export the sessions of the IOP programs that people go"
            " on to"
        )
    if not people.n:
        return (
            "no site has enough people who went on to IOP and enough who did not; a longer study period or more sites"
            " would help"
        )
    return ""


def answered(asking: Asking, people: Leaving, row: Result, grace: int) -> Iterator[Row]:
    """The headline with its twin and everything that stands beside it, or the refusal."""
    given: dict[str, Any] = {
        "covariates": people.design.values,
        "horizon": LAST_DAY,
        "causes": 2,
        "site": people.site,
        "max_weight": asking.study.gate.max_observation_weight,
    }
    unit: Unit = "sites" if np.unique(people.site).size >= MANY_SITES else "people"
    rng = np.random.default_rng(asking.study.study.seed)
    try:
        found = clone_censor_weight(people.day, people.cause, people.changed, grace=grace, **given)
        lines = checks(people, found, row.arm, row.reference, asking.study, row.result_id, grace)
        yield from lines
        refusing = refusal(lines)
        if refusing is not None:
            yield from TWIN.refused(row, refusing.reason, refusing.verdict)
            return
        found = clone_censor_weight(
            people.day, people.cause, people.changed, grace=grace, draws=DRAWS, unit=unit, rng=rng, **given
        )
        difference = risk_difference(found, FIRST_DAY)
    except NotEstimable as why:
        yield from TWIN.refused(row, str(why), Verdict.NO_COMPARABLE)
        return
    level = yield from level_of(standing_of("C6", difference, harm=True))
    difference = risk_difference(found, FIRST_DAY, level=level)
    row = numbered(row, difference, people, SITES_ONLY if unit == "people" else "")
    verdict = Verdict(judge(-difference.high, -difference.low))
    row = replace(row, gate=GateWord.PASSED, verdict=verdict, ess=float(found.ess.min()))
    other = at_landmark(asking, people, row, given, grace, unit)
    row = replace(row, verdict=unless_turned(verdict, [other.estimate], harm=True))
    yield replace(row, note=" ".join(filter(None, (row.note, level_note(level)))))
    yield naive(row, people, TWIN)
    yield from beside(row, found, difference, level)
    yield other
    yield from both_curves(found, row)
    yield from emergencies(people, row)


def numbered(row: Result, found: Estimate, people: Leaving, note: str) -> Result:
    """A row with the numbers of a difference; how many started and how many did not, and how many of each came back by
    the day."""
    back = (people.cause == 1) & (people.day <= (row.day or 0))
    return row.filled(
        found,
        df=None,
        n=int(people.started.sum()),
        n_reference=int((~people.started).sum()),
        events=int((back & people.started).sum()),
        events_reference=int((back & ~people.started).sum()),
        note=" ".join(filter(None, [note, found.note])),
    )


def naive(row: Result, people: Leaving, twin: NaiveTwin) -> Result:
    """Whoever ever changed within the grace period beside the others, both counted from time zero."""
    groups = [
        incidence_at(aalen_johansen(people.day[own], people.cause[own], causes=2), np.array([row.day]))
        for own in (~people.started, people.started)
    ]
    estimate = float(groups[1].estimate[0, 0] - groups[0].estimate[0, 0])
    se = float(np.hypot(groups[0].se[0, 0], groups[1].se[0, 0]))
    return twin.beside(
        row,
        wald(estimate, se),
        df=None,
        p=None,
        n=row.n,
        n_reference=row.n_reference,
        events=row.events,
        events_reference=row.events_reference,
    )


def beside(row: Result, found: Strategies, difference: Estimate, level: float) -> Iterator[Result]:
    """The later day, the number needed to link, and what it would take to overturn the answer; level: of the answer's
    own limits."""
    later = risk_difference(found, LAST_DAY)
    blank = replace(row.blank(), analysis=ANALYSIS, gate="", ess=None, verdict="")
    at_last = replace(blank, outcome=f"readmitted_day{LAST_DAY}", day=LAST_DAY, verdict=Verdict.EXPLORATORY)
    yield at_last.filled(later, df=None)
    needed = replace(blank, measure="number_needed_to_link", unit="people", twin_of=row.result_id)
    if difference.low <= 0 <= difference.high:
        yield replace(needed, reason="the range of the difference includes none, so no number of people can be named")
    else:
        ends = sorted((1 / abs(difference.low), 1 / abs(difference.high)))
        yield replace(
            needed,
            estimate=1 / abs(difference.estimate),
            low=ends[0],
            high=ends[1],
            level=level,
            note=level_note(level),
            stratum="one fewer" if difference.estimate < 0 else "one more",
        )
    beneath = replace(needed, analysis=Analysis.SENSITIVITY)
    yield replace(
        beneath,
        measure="detectable_difference",
        unit="share",
        note="with a chance of 80 %",
        estimate=detectable_difference(difference.se, level=level),
    )
    ratio = risk_ratio(found, FIRST_DAY)
    hidden = e_value(ratio.estimate, ratio.low, ratio.high)
    yield replace(beneath, measure="e_value", unit="risk ratio", estimate=hidden.point, low=hidden.limit)


def at_landmark(asking: Asking, people: Leaving, row: Result, given: dict[str, Any], grace: int, unit: Unit) -> Result:
    """The answer of those alone who were neither back nor dead at the end of the grace period, counted from there."""
    placed = row.blank().beneath(
        estimator="landmark",
        ess=None,
        varied=f"landmark at day {grace}",
        population=f"those who were still out of 24-hour care on day {grace}; the others are left out",
    )
    rng = np.random.default_rng([asking.study.study.seed, grace])
    try:
        found = landmark(
            people.day, people.cause, people.changed, at=grace, draws=LANDMARK_DRAWS, unit=unit, rng=rng, **given
        )
        difference = risk_difference(found, FIRST_DAY)
    except NotEstimable as why:
        return replace(placed, reason=str(why))
    return placed.filled(difference, df=None)


def both_curves(found: Strategies, row: Result) -> Iterator[Result | CurvePoint]:
    """Share back in 24-hour care by day under each strategy: the value at both days, and the curve week by week.

    Without numbers of events: people count in both strategies until they follow one, so a difference would count those
    few.
    """
    se = incidence_se(found)
    for strategy, arm in ((NOT, row.reference), (WITHIN, row.arm)):
        placed = replace(
            row.blank(),
            analysis=ANALYSIS,
            arm=arm,
            reference="",
            measure="risk",
            verdict=Verdict.EXPLORATORY,
            gate="",
            ess=None,
            note="",
        )
        for day in (FIRST_DAY, LAST_DAY):
            value = risk(found, strategy, day)
            yield replace(
                placed,
                outcome=f"readmitted_day{day}",
                day=day,
                estimate=value.estimate,
                se=value.se,
                low=value.low,
                high=value.high,
                level=value.level,
                n=value.n,
            )
        low, high = curve_limits(found.incidence[:, strategy, 0], se[:, strategy, 0], "log-log", LEVEL)
        name = replace(placed, outcome=f"readmitted_day{LAST_DAY}", day=LAST_DAY).result_id
        for day in range(0, LAST_DAY + 1, WEEK):
            yield CurvePoint(
                result_id=name,
                arm=arm,
                state="readmitted",
                day=day,
                estimate=float(found.incidence[day, strategy, 0]),
                low=float(low[day]),
                high=float(high[day]),
                at_risk=int(found.followed[day, strategy]),
                events=int(found.ended[day, strategy, 0]),
            )


def emergencies(people: Leaving, row: Result) -> Iterator[Result]:
    """Emergency visits that people told of at a follow-up, as observed: another outcome, known only of those who were
    reached."""
    for arm, own in ((row.reference, ~people.started), (row.arm, people.started)):
        told = people.frame["ed_visit"][own].dropna()
        if len(told):
            yield share(
                told,
                question="C6",
                analysis=ANALYSIS,
                outcome="ed_visit",
                arm=arm,
                measure="ed_visit",
                population=row.population,
                note="told by those who were reached within 120 days; not adjusted for anything",
            )
