"""What an answer without a verdict still says, in a sentence: what the records are compatible with, what they rule out,
and what would narrow it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.report.names import arm_phrase, event, scale
from pipeline.report.numbers import from_to, in_hundred, percent, plural, size
from pipeline.report.released import Released
from pipeline.report.words import amount as difference_of
from pipeline.report.words import counted_in, is_share, measured, points_of
from pipeline.results import BORROWED, COMPATIBLE, Result

LIMITS_HIDDEN = "is hidden, to protect small groups."
ALLOWING = "Allowing for those not measured, these records"
BY_SITES = "at more sites like these"
CONFLICT = 0.1  # of records at least as far from what is borrowed
LONGEST = 120.0  # months
QUARTERS = ("first", "second", "third", "fourth")


@dataclass(frozen=True, slots=True)
class Compatible:
    """What is told, what would narrow it ('' where that is not known), and the ids of the rows behind them."""

    told: str
    result_ids: tuple[str, ...]
    narrower: str = ""

    @property
    def said(self) -> str:
        """All of it."""
        return f"{self.told} {self.narrower}".rstrip()


NOTHING = Compatible("", ())


def compatible(released: Released, row: Result) -> Compatible:
    """The sentence of a contrast's answer, or that its limits are hidden; empty where the answer draws a verdict."""
    beside = {name: released.row(measure=name, twin_of=row.result_id) for name in COMPATIBLE}
    low, high = beside["compatible_low"], beside["compatible_high"]
    if low is None or high is None:
        return NOTHING
    told = f"What these records are compatible with{f', {low.note},' if low.note else ''} {LIMITS_HIDDEN}"
    if isinstance(low.estimate, float) and isinstance(high.estimate, float):
        told = reach(released, low, low.estimate, high.estimate)
        told += beyond(beside["ruled_out"], low.estimate, high.estimate)
    used = tuple(one.result_id for one in beside.values() if one is not None)
    return Compatible(told, used, narrowing(released, row, beside))


def with_borrowing(released: Released, row: Result) -> Compatible:
    """The answer that borrows, in a sentence: the difference, how much of it is borrowed, and from whom; empty where
    nothing is declared to be borrowed, or it is hidden."""
    beside = {name: released.row(measure=name, twin_of=row.result_id) for name in BORROWED}
    found, used = beside["borrowed_difference"], tuple(one.result_id for one in beside.values() if one is not None)
    if found is None:
        return NOTHING
    if found.estimate is None and found.reason:
        return Compatible(f"Nothing is borrowed from {found.note}: {found.reason}.", used)
    before, after, conflict = (number(beside[name]) for name in BORROWED[1:4])
    if not isinstance(found.estimate, float) or before is None or after is None or conflict is None:
        return NOTHING
    agree = "conflict with it" if conflict < CONFLICT else "do not conflict with it"
    return Compatible(
        f"A hint that borrows from {found.note}: {point(released, found)} ({limits(found)}). Of its weight,"
        f" {percent(before)} was borrowed before these records were seen, and {percent(after)} after; they {agree}.",
        used,
    )


def limits(row: Result) -> str:
    """'likely range 1.1 points worse to 2.2 points better'."""
    if not isinstance(row.low, float) or not isinstance(row.high, float):
        return "range not shown"
    return f"likely range {span(row, row.low, row.high, ('fewer', 'more') if is_share(row) else ('worse', 'better'))}"


def point(released: Released, row: Result) -> str:
    """'IOP 0.8 points better than inpatient care on the PHQ-9', '6 fewer in 100 had left early …'"""
    arm, reference, value = arm_phrase(row.arm), arm_phrase(row.reference), number(row) or 0.0
    if is_share(row):
        did = event(released.study, row.outcome, row.day)
        return f"{difference_of(row)} {did} in {arm} than in {reference}"
    way, on = "better" if value > 0 else "worse", scale(released.study, row.outcome)[0]
    return f"{arm} {measured(row, value)} {way} than {reference} on the {on}"


def reach(released: Released, row: Result, low: float, high: float) -> str:
    """'These records are compatible with IOP being from 2.0 points worse to 3.0 points better than …'"""
    who = ALLOWING if row.note else "These records"
    arm, reference = arm_phrase(row.arm), arm_phrase(row.reference)
    if is_share(row):
        did = event(released.study, row.outcome, row.day)
        ends = span(row, low, high, ("fewer", "more"))
        return f"{who} are compatible with anything from {ends} in 100 who {did} in {arm} than in {reference}"
    ends, on = span(row, low, high, ("worse", "better")), scale(released.study, row.outcome)[0]
    return f"{who} are compatible with {arm} being from {ends} than {reference} on the {on}"


def span(row: Result, low: float, high: float, ways: tuple[str, str]) -> str:
    """'2.0 points worse to 3.0 points better', '3 to 12 fewer': nearer to none first where both are on one side."""
    unit = "" if is_share(row) else f" {points_of(row)}"
    write = in_hundred if is_share(row) else size
    if low * high > 0:
        near, far = sorted((low, high), key=abs)
        return f"{from_to(write(near), write(far))}{unit} {ways[far > 0]}"
    return f"{write(low)}{unit} {ways[0]} to {write(high)}{unit} {ways[1]}"


def beyond(row: Result | None, low: float, high: float) -> str:
    """'; a difference of 3.5 points or more is ruled out.': left away where it is told too coarsely to be beyond the
    limits as they are told."""
    value = number(row)
    if row is None or value is None or not value > max(abs(low), abs(high)):
        return "."
    return f"; a difference of {amount(row, value)} or more, either way, is ruled out."


def narrowing(released: Released, row: Result, beside: Mapping[str, Result | None]) -> str:
    """'About 180 more people measured would narrow the range to ±1 point, by about …'"""
    more, target, months = (beside[name] for name in ("people_to_narrow", "narrower_limits", "months_to_narrow"))
    if more is not None and target is None and more.note:
        return f"{more.note[0].upper()}{more.note[1:]}."
    people, width = number(more), number(target)
    if target is None or width is None or more is None:
        return ""
    where = "" if "only" in row.note or row.gate == "withheld" else f" {BY_SITES}"
    to, when = amount(target, width), by_when(str(released.manifest.get("data_to") or ""), number(months))
    many = "More" if people is None else f"About {people:,.0f} more"
    return f"{many} people measured{where} would narrow the range to ±{to}{when}."


def number(row: Result | None) -> float | None:
    return row.estimate if row is not None and isinstance(row.estimate, float) else None


def by_when(data_to: str, months: float | None) -> str:
    """', by about the third quarter of 2028 at the present pace'; how long it takes where the records have no dates."""
    if months is None:
        return ""
    if months > LONGEST:
        return ", which takes more than ten years at the present pace"
    day = re.match(r"(\d{4})-(\d{2})", data_to)
    if day is None:
        return f", in about {plural(round(months), 'month')} at the present pace"
    later = int(day[2]) - 1 + round(months)
    return f", by about the {QUARTERS[later % 12 // 3]} quarter of {int(day[1]) + later // 12} at the present pace"


def amount(row: Result, value: float) -> str:
    """'3.5 points', '1 point', '10 in 100'."""
    if is_share(row):
        return f"{in_hundred(value)} in 100"
    written = size(value).removesuffix(".0")
    return f"{written} {counted_in(points_of(row), written)}"
