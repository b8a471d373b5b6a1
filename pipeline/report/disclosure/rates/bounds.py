"""A hidden rate as its bound or its range: of how many people it is stays shown, and how many are in it is told as far
as everybody knows it."""

from dataclasses import replace
from math import ceil, floor
from typing import Any

from pipeline.choices.answered import Disclosure
from pipeline.report.disclosure.derived import DIGITS, in_whole_percent
from pipeline.report.disclosure.rates.cells import WIDEST
from pipeline.report.disclosure.rates.families import ANY, Told
from pipeline.report.disclosure.suppressed import SUPPRESSED, Within
from pipeline.results import Result


def in_words_of_range(row: Result, out: Result, told: Told, rule: Disclosure) -> Result:
    """A hidden rate with its whole, and where that says something the bound or range of its part.

    row  as stored; out as it leaves without this; a count that is rounded is told of neither
    """
    if rule.round_to > 1 or not row.denominator:
        return out
    if told.whole == ANY:
        return in_whole_percent(replace(out, estimate=row.estimate), ("estimate",))
    if told.whole is not None:
        return of_about(row, out, told, rule.threshold)
    part, share = within(told, row.denominator, row.denominator, rule.threshold)
    if told.low == told.high:  # everybody could work it out: a number, no range from it to itself
        part, share = row.numerator, float(f"{told.low / row.denominator:.{DIGITS}g}")
    again: dict[str, Any] = {"n": row.n, "denominator": row.denominator, "numerator": part, "estimate": share}
    return replace(out, **again | ({"events": part} if row.events is not None else {}))


def of_about(row: Result, out: Result, told: Told, threshold: int) -> Result:
    """A rate of which it is told only between which numbers its whole lies, which holds its part; nothing of it where
    a reader could work out more of the few who are not in it than that they are few."""
    least, most = told.whole or (0, 0)
    least = max(least, told.low)
    if least == most or narrows_the_others(row, least - told.high, most - told.low, threshold):
        return out
    part, share = within(told, least, most, threshold)
    if told.low == told.high:  # how many are in it is known, and of about how many
        part, share = row.numerator, between(told.low / most, told.high / least)
    whole = Within(least, most)
    again: dict[str, Any] = {"n": whole, "denominator": whole, "numerator": part, "estimate": share}
    return replace(out, **again | ({"events": part} if row.events is not None else {}))


def narrows_the_others(row: Result, low: float, high: float, threshold: int) -> bool:
    """Whether few are outside a rate, and these bounds of them leave out a number that few could be."""
    others = (row.denominator or 0) - (row.numerator or 0)
    return 0 < others < threshold and (low > 1 or high < threshold - 1)


def between(low: float, high: float) -> Within:
    """A share in whole percents; in thousandths where a whole percent would read none or all, and it is neither."""
    down = 1000 if 0 < low < 0.01 else 100
    up = 1000 if 0.99 < high < 1 else 100
    return Within(floor(down * low) / down, min(1.0, ceil(up * high) / up))


def within(told: Told, least: float, most: float, threshold: int) -> tuple[Any, Any]:
    """How many are in a rate, and which share: at most threshold-1, at least all but those, or between two numbers; the
    marker where that would say too little.  least, most: between which its whole lies."""
    low, high = told.low, told.high
    if low <= 1 and high < threshold:
        return Within(None, high), Within(None, ceil(100 * high / least) / 100)
    if most - high <= 1 and low > least - threshold:
        return Within(low, None), Within(floor(100 * (1 - (most - low) / most)) / 100, None)
    if high - low > WIDEST * least:
        return SUPPRESSED, SUPPRESSED
    return Within(low, high), between(low / most, high / least)
