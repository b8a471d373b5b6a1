"""The rule for a row that no family has words for: what was measured, of whom, how much, how sure, and how it was
counted."""

import re

from pipeline.report.disclosure.held_back import is_held_back
from pipeline.report.disclosure.suppressed import HELD_BACK, Within, is_suppressed
from pipeline.report.names import arm_label, arm_phrase, category, event, scale
from pipeline.report.numbers import (
    HIDDEN,
    MINUS,
    count,
    enough_decimals,
    from_to,
    in_hundred,
    marked,
    percent,
    percents,
    plain,
    same_digits,
)
from pipeline.report.released import Released
from pipeline.report.sentences.strata import read
from pipeline.report.words import WAITING_LIST, Sentence, bounded, number_of, reason, tag_of, why_hidden, worded
from pipeline.results import Result
from pipeline.study import Study

NOUNS = {
    "starts": "People starting",
    "high_risk": "High suicide risk at the start",
    "baseline_mean": "Average at the start",
    "mean_change": "Average improvement",
    "observed": "Measured again",
    "reliably_improved": "Reliably better",
    "reliably_deteriorated": "Reliably worse",
    "not_improvable": "Too near the best score to get reliably better",
    "retained": "Still in care",
    "dropped_out": "Left early",
    "survival": "Still in care",
    "cumulative_incidence": "Ended so far",
    "median_care_days": "Median time in care",
    "course_test": "Whether the two leave at one pace",
    "visits_kept": "Visits kept",
    "slope_per_doubling": "Improvement per doubling of these hours beside the others",
    "slope_per_share": "Improvement per tenth of the hours",
    "whole_mix": "Chance of a mix at least this telling if it told nothing",
    "measured_every_14_days": "Measured at least every 14 days while in care",
    "measured_every_30_days": "Measured at least every 30 days while in care",
    "behind_course": "Behind the expected course at some score",
    "measured_soon_after_flag": "Measured again within 14 days of being behind",
    "back_on_course": "Back on the expected course at the next score",
    "lower_next_week_difference": "Weeks followed by fewer hours, after reliable improvement beside before",
    "lower_next_week": "Weeks followed by fewer hours",
    "hours_correlation": "Correlation of total hours with improvement",
    "stays_of_weeks_to_months": "Stays of 21 to 120 days",
    "stays_by_ending": "How the stay ended",
    "quartile_25_stay_days": "A quarter of stays last at most",
    "median_stay_days": "Half of the stays last at most",
    "quartile_75_stay_days": "Three quarters of stays last at most",
    "median_closure_lag": "Time from last contact to closure of the chart, half of charts at most",
    "closed_after_a_week": "Charts closed more than a week after the last contact",
    "mean_days_to_closure": "Average time to closure of the chart",
    "weeks_within_hours": "Whole weeks within the hours of intensive outpatient care",
    "weeks_below_hours": "Whole weeks below the hours of the level",
    "weeks_above_hours": "Whole weeks above the hours of the level",
    "hours_per_week": "Average hours in a whole week",
    "hours_imputed": "Scheduled hours that are assumed",
    "readmitted": "Back in 24-hour care",
    "between_therapists": "How much of what change differs by lies between therapists",
    "readmitted_own": "Back in 24-hour care, of the people who started here",
    "risk": "Share with the event",
    "number_needed_to_link": "People who would have to start for one more or fewer with the event",
    "ed_visit": "Told of an emergency visit",
    "adjusted_mean": "Average improvement of similar people",
    "adjusted_share": "Share of similar people",
    "difference": "Average improvement",
    "rmst_difference": "Average time in care",
    "detectable_difference": "Smallest difference that would probably have shown",
    "e_value": "Strength (as a risk ratio) something unmeasured would need to explain the difference away",
    "e_value_to_margin": (
        "Strength (as a risk ratio) something unmeasured would need to push the answer beyond the margin"
    ),
    "strongest_measured": "How much the strongest measured factor moves the answer (as a risk ratio)",
    "at_face_value": "The answer, those not measured being like similar people",
    "at_plausible_limit": "The answer, those not measured being as far from similar people as is plausible",
    "plausible_departure": "How much worse than similar people those not measured of both groups could plausibly be",
    "tipping_point": "How far those not measured would have to differ for the answer to read otherwise",
    "tipping_point_sd": "The same in standard deviations of the score at the start",
    "tipping_multiple": "The same as a multiple of what is plausible",
    "compatible_low": "The lowest that these records are compatible with",
    "compatible_high": "The highest that these records are compatible with",
    "ruled_out": "The smallest difference that is ruled out, either way",
    "narrower_limits": "How far either way a range would reach that is narrow enough",
    "people_to_narrow": "How many more people measured would make it so narrow",
    "months_to_narrow": "In how many months so many are measured, at the present pace",
    "borrowed_difference": "The difference, borrowing from figures found elsewhere",
    "borrowed_before": "Weight of what is borrowed, before these records",
    "borrowed_after": "Weight of what is borrowed, after these records",
    "borrowed_conflict": "Chance of records at least as far from what is borrowed, if that held here",
    "borrowed_error": "Share of ranges that would miss the truth at worst, borrowing so much",
    "hazard_ratio": "Pace of the event",
    "risk_ratio": "Share with the event",
    "odds_ratio": "Odds of the event",
    "rate_ratio": "Rate of the event",
}
STRENGTHS = ("e_value", "e_value_to_margin", "strongest_measured")
TIPPING = ("tipping_point", "tipping_point_sd", "tipping_multiple", "plausible_departure")
WITHOUT_DIRECTION = (
    *STRENGTHS,
    *("detectable_difference", "ruled_out", "narrower_limits", "people_to_narrow", "months_to_narrow"),
    *("borrowed_before", "borrowed_after", "borrowed_conflict", "borrowed_error"),
    *TIPPING,
)
UNITLESS = ("", "correlation", "ratio", "risk ratio", "log ratio", "log risk ratio")
ESTIMATE_AND_LIMITS = 3
MONEY = re.compile(r"[A-Z]{3}\b")
CHANGES = (
    "mean_change",
    "reliably_improved",
    "responded",
    "remitted",
    "recovered",
    "effect_size",
)  # over time, against nobody
UNADJUSTED = "As observed: not adjusted for who starts where."


def generic(released: Released, row: Result) -> Sentence:
    """A sentence for any row: its subject and number, then the range, the people behind it and what limits it."""
    what = subject(released.study, row)
    used: tuple[str, ...] = (row.result_id,)
    if row.gate == "withheld":
        return Sentence(f"{what}: no number is given.", f"The reason: {reason(row)}.", tag_of(row), used)
    if row.unit == "people" and isinstance(row.n, int):
        return Sentence(f"{what}: {count(row.n)}.", "", "", used)
    if isinstance(row.estimate, Within):
        return Sentence(f"{what}: {bounded(row)}.", "", tag_of(row), used)
    if is_suppressed(row.n if row.estimate is None else row.estimate):
        return Sentence(f"{what}: {why_hidden(row)}.", "", tag_of(row), used)
    if row.estimate is None:
        return Sentence(f"{what}: not known.", f"The reason: {reason(row)}." if row.reason else "", "", used)
    harm = harm_beside(released, row)
    if harm is not None and not isinstance(harm.estimate, float | Within):
        kept = HELD_BACK if is_held_back(harm) else HIDDEN
        return Sentence(
            f"{what}: not shown, because the harm beside it is {kept}.", "", "", (row.result_id, harm.result_id)
        )
    parts = [likely(row), behind(row), *limits(row)]
    if harm is not None:
        parts.insert(1, f"Beside it, {percent(harm.estimate)} got reliably worse.")
        used += (harm.result_id,)
    if row.measure in CHANGES and not row.reference:
        parts.append(WAITING_LIST)
    return Sentence(f"{what}: {amount(row)}.", " ".join(part for part in parts if part), tag_of(row), used)


def harm_beside(released: Released, row: Result) -> Result | None:
    """The share who got worse, beside the share who got better of the same people."""
    if row.measure != "reliably_improved" or row.reference:
        return None
    same = {
        name: getattr(row, name)
        for name in ("question", "analysis", "arm", "outcome", "day", "site", "payer", "period", "stratum")
    }
    return released.row(measure="reliably_deteriorated", **same)


def beside_hidden_harm(released: Released, row: Result) -> bool:
    """Whether a row says how many got better where how many got worse is hidden: neither is told without the other."""
    harm = harm_beside(released, row)
    return harm is not None and not isinstance(harm.estimate, float | Within)


def figure_of(row: Result) -> str:
    """The number with its range: '0.9 points less (0.5 to 1.2 points less)'; hidden or not known where it is."""
    if told := marked(row.estimate):
        return HELD_BACK if is_held_back(row) else told
    span = between(row)
    return f"{amount(row)} ({span})" if span else amount(row)


def noun_of(study: Study, row: Result) -> str:
    """What a number counts, without saying of whom: 'Average improvement, PHQ-9, day 90'."""
    said = noun(study, row)
    day = f"day {row.day}" if row.day and f"day {row.day}" not in said else ""
    return ", ".join(part for part in (said, outcome(study, row), day) if part)


def subject(study: Study, row: Result) -> str:
    """What is measured, on which scale, when, in whom: 'Reliably better, PHQ-9, day 90, IOP'."""
    parts = [noun_of(study, row), who(row), stratum(study, row)]
    parts += [f"site {row.site}" if row.site else "", f"payer {row.payer}" if row.payer else "", row.period]
    if row.varied:
        parts.append(f"with another choice ({worded(row.varied.replace('_', ' '))})")
    return ", ".join(part for part in parts if part)


def stratum(study: Study, row: Result) -> str:
    """The part of the people, or of the outcome, that a row is about; empty where its arm says it."""
    arms = row.stratum.split(" or ")
    if all(arm in study.arms for arm in arms):
        return f"among people of {' or '.join(arm_phrase(arm) for arm in arms)}"
    if study.arms.get(row.arm) == (row.stratum,):
        return ""
    return category(read(row.stratum))


def noun(study: Study, row: Result) -> str:
    """The measure as a reader calls it."""
    if row.measure == "risk_difference":
        return f"Share who {event(study, row.outcome, row.day)}"
    if row.measure == "adjusted_mean" and is_money(row):
        return "Average of similar people"
    words = row.measure.replace("_", " ")
    return NOUNS.get(row.measure, words[:1].upper() + words[1:])


def outcome(study: Study, row: Result) -> str:
    """The scale of a score; the outcome's own name where it is no scale; nothing where the measure has said it."""
    if not row.outcome or row.measure == "risk_difference":
        return ""
    if row.outcome.removeprefix("reliable_") in {one.name for one in study.outcomes}:
        reliable = "reliably better on the " if row.outcome.startswith("reliable_") else ""
        return f"{reliable}{scale(study, row.outcome)[0]}"
    return scale(study, re.sub(r"_day\d+$", "", row.outcome))[0].replace("_", " ")


def who(row: Result) -> str:
    if row.reference:
        return f"{arm_label(row.arm)} compared with {arm_phrase(row.reference)}"
    return arm_label(row.arm) if row.arm else ""


def is_ratio(row: Result) -> bool:
    return row.measure.endswith("_ratio") or row.measure in STRENGTHS


def is_money(row: Result) -> bool:
    return MONEY.match(row.unit) is not None


def amount(row: Result) -> str:
    """The number with its unit; a difference says more or less instead of carrying a sign."""
    value = number_of(row)
    if is_ratio(row):
        return f"a ratio of {plain(value, 2)}" if row.measure not in STRENGTHS else plain(value, 2)
    told = digits(row)[0]
    return directed(row, told, value) if has_direction(row) else with_unit(row, minus(told, value))


def has_direction(row: Result) -> bool:
    """True for what is more or less than something: a comparison, or a share that can lie below zero."""
    return (bool(row.reference) or below_zero(row)) and row.measure not in WITHOUT_DIRECTION


def below_zero(row: Result) -> bool:
    """A share below zero is a difference of shares, whoever is compared."""
    return row.unit == "share" and any(isinstance(one, float) and one < 0 for one in (row.estimate, row.low, row.high))


def directed(row: Result, written: str, value: float) -> str:
    """'4.2 days less', '6 fewer in 100'."""
    if row.unit == "share":
        return f"{written} {direction(row, value)} in 100"
    return f"{with_unit(row, written)} {direction(row, value)}"


def direction(row: Result, value: float) -> str:
    fewer = "fewer" if row.unit == "share" else "less"
    return "more" if value > 0 else fewer if value < 0 else f"more or {fewer}"


def bare(row: Result, value: float) -> str:
    """A number as its unit is written: shares as percents or as people in a hundred, money whole, the rest with what a
    reader can use."""
    if row.unit == "share":
        return in_hundred(value) if row.reference or below_zero(row) else percent(value)
    if is_money(row):
        return plain(value, 0)
    return neat(value) if row.unit not in UNITLESS else plain(value, 2)


def with_unit(row: Result, written: str) -> str:
    """'57%', 'USD 1,230', '4.2 days', '1 point'."""
    if row.unit == "share":
        return f"{written} in 100" if row.reference else written
    if row.unit in UNITLESS:
        return written
    if is_money(row):
        return f"{row.unit.split()[0]} {written}"
    return f"{written} {row.unit.removesuffix('s') if written == '1' else row.unit}".strip()


def neat(value: float) -> str:
    """As many decimals as a reader can use: none from 100 on or for whole numbers, one below, more only where it would
    read 0."""
    if float(value).is_integer() or abs(value) >= 100:
        return plain(value, 0)
    return plain(value, enough_decimals(value, [0.0]))


def likely(row: Result) -> str:
    """'Likely range 0.5 to 1.7 points more.'"""
    span = between(row)
    means = "; 1 would mean no difference" if is_ratio(row) and row.measure not in STRENGTHS else ""
    return f"Likely range {span}{means}." if span else ""


def between(row: Result) -> str:
    """The limits: '0.5 to 1.7 points more', with both directions where they hold zero; empty where they are not
    known, or are one number."""
    low, high = row.low, row.high
    if not isinstance(low, float) or not isinstance(high, float):
        return ""
    if is_ratio(row):
        return from_to(plain(low, 2), plain(high, 2))
    _, first, second = digits(row)
    if first == second and low * high >= 0:
        return ""
    if not has_direction(row):
        return with_unit(row, f"{minus(first, low)} to {minus(second, high)}")
    if low * high > 0:
        near, far = (first, second) if abs(low) <= abs(high) else (second, first)
        return directed(row, f"{near} to {far}", low)
    if is_money(row):  # its unit stands before the number, and so before the first
        return f"{directed(row, first, low or -1.0)} to {directed(row, second, high or 1.0)}"
    return f"{first} {direction(row, low or -1.0)} to {directed(row, second, high or 1.0)}"


def digits(row: Result) -> tuple[str, ...]:
    """The sizes of the estimate and of its two limits, with the same number of decimals; the estimate alone where no
    limits are told."""
    values = tuple(one for one in (number_of(row), row.low, row.high) if isinstance(one, float))
    if len(values) != ESTIMATE_AND_LIMITS:
        return (bare(row, abs(values[0])),)
    if row.unit == "share" and not (row.reference or below_zero(row)):
        return percents(*values)
    factor = 100.0 if row.unit == "share" else 1.0
    return same_digits(tuple(bare(row, abs(one)) for one in values), tuple(factor * one for one in values))


def minus(written: str, value: float) -> str:
    """A size with the sign of its value; nothing is below zero that reads 0."""
    return MINUS + written if value < 0 and re.search("[1-9]", written) else written


def behind(row: Result) -> str:
    """How many people, and whose: 'Of 2,173 people.'"""
    if isinstance(row.denominator, int):
        counted = next((one for one in ("stays", "weeks") if row.population.startswith(one)), "people")
        return f"Of {count(row.denominator)} {counted}."
    if row.reference and isinstance(row.n, int) and isinstance(row.n_reference, int):
        return f"{count(row.n)} and {count(row.n_reference)} people."
    return f"{count(row.n)} people." if isinstance(row.n, int) else ""


def limits(row: Result) -> list[str]:
    """How it was counted, why it may differ from a careful answer, and the verdict word where one is drawn."""
    said = [UNADJUSTED] if row.target == "observed" and not row.site else []
    if row.note and row.note[:1].isupper():
        said.append(worded(row.note).rstrip(".") + ".")
    if row.verdict == "exploratory":
        said.append("A hint, not a finding.")
    elif row.verdict and row.verdict != "descriptive only":
        said.append(f"Verdict: {row.verdict}.")
    return said
