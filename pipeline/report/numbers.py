"""How numbers are written on pages: half away from zero, a real minus sign, and never a rounding that changes the
meaning."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pipeline.report.disclosure.suppressed import Within, is_suppressed

MINUS = "−"
HIDDEN = "hidden"
UNKNOWN = "not known"


def rounded(value: float, decimals: int) -> Decimal:
    """Half away from zero, on the number as it is written (0.25 is 0.3, and so is 0.35 to one place 0.4)."""
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def plain(value: float, decimals: int = 1) -> str:
    """A number with a real minus sign and no negative zero."""
    number = rounded(value, decimals)
    return f"{abs(number) if number == 0 else number:,}".replace("-", MINUS)


def p_value(p: float) -> str:
    """'p = 0.21', 'p = 0.034', 'p below 0.001'."""
    return "p below 0.001" if p < 0.001 else f"p = {plain(p, 2 if p >= 0.1 else 3)}"


def enough_decimals(value: float, apart_from: Iterable[float], decimals: int = 1) -> int:
    """Decimals that keep a number apart from 0, or a margin, where it is apart: 0.96 beside a margin of 1 is not
    written 1.0."""
    while decimals < 3 and any(
        rounded(value, decimals) == rounded(other, decimals) and abs(value - other) > 1e-12 for other in apart_from
    ):
        decimals += 1
    return decimals


def size(value: float, apart_from: Iterable[float] = (0.0,)) -> str:
    """The size of a difference in points, without its sign."""
    return plain(abs(value), enough_decimals(abs(value), [abs(other) for other in apart_from]))


def points(value: Any, decimals: int = 1) -> str:
    """A score as a page shows it; hidden and unknown are told apart."""
    return marked(value) or plain(value, decimals)


def percent(value: Any) -> str:
    """A share as a whole percent; what is not 0 or 1 never reads 0% or 100%."""
    if isinstance(value, Within):
        return in_bounds(value, finely, "under {}", "over {}")
    if told := marked(value):
        return told
    if 0 < value < 0.005:
        return "under 1%"
    if 0.995 <= value < 1:
        return "over 99%"
    return f"{rounded(100 * value, 0)}%"


def finely(share: float) -> str:
    """An end of a bound: a whole percent, or the tenth by which it is told apart from none, or all."""
    return f"{rounded(100 * share, 1)}%".replace(".0%", "%")


def percents(*shares: float) -> tuple[str, ...]:
    """Shares told side by side; with a decimal where whole percents would write all of them alike."""
    written = tuple(percent(one) for one in shares)
    finer = tuple(rounded(100 * one, 1) for one in shares)
    alike = len(set(written)) == 1 and len(set(finer)) > 1
    return tuple(f"{one}%" for one in finer) if alike and all(0 < one < 100 for one in finer) else written


def from_to(first: str, second: str) -> str:
    """'0.5 to 1.7'; one number where both ends are written alike."""
    return " to ".join(dict.fromkeys((first, second)))


def percent_span(low: float, high: float, joined: str = " to ") -> str:
    """'20% to 33%', '84.1% to 84.4%'; one number where both ends are written alike."""
    return joined.join(dict.fromkeys(percents(low, high)))


def percent_and_range(value: float, low: Any, high: Any, joined: str = " to ") -> tuple[str, str]:
    """'84%' and '81% to 87%', with as many digits as it takes to tell them apart; no range where none does, or none is
    known."""
    if not isinstance(low, float) or not isinstance(high, float):
        return percent(value), ""
    told, first, last = percents(value, low, high)
    return told, f"{first}{joined}{last}" if first != last else ""


def count(value: Any) -> str:
    """A head count with thousands marked; of one that is not shown, between which numbers it lies."""
    if isinstance(value, Within):
        one_more = Within(None if value.low is None else value.low - 1, None if value.high is None else value.high + 1)
        one_sided = value.low is None or value.high is None
        return in_bounds(one_more if one_sided else value, whole, "fewer than {}", "more than {}")
    return marked(value) or f"{value:,}"


def whole(value: float) -> str:
    return f"{value:,.0f}"


def in_bounds(value: Within, write: Callable[[float], str], under: str, over: str) -> str:
    """'under 4%', 'over 96%', '31% to 44%'."""
    if value.low is None:
        return under.format(write(value.high or 0.0))
    if value.high is None:
        return over.format(write(value.low))
    return from_to(write(value.low), write(value.high))


def in_hundred(difference: float) -> str:
    """The size of a difference of shares as people per hundred: '6', or '0.4' where a whole number would read 0."""
    return plain(abs(100 * difference), enough_decimals(100 * difference, [0.0], decimals=0))


def same_digits(written: tuple[str, ...], values: tuple[float, ...]) -> tuple[str, ...]:
    """A number and the two ends of its range, or the ends alone, with as many decimals as the finer end has (a number
    that would read 0 asks for one at most), and one more where the ends read alike; values are what is written, without
    unit."""
    decimals = [len(one.partition(".")[2]) for one in written]
    decimals[:-2] = [min(one, 1) for one in decimals[:-2]]
    low, high = values[-2:]
    alike = written[-2] == written[-1] and low * high > 0 and low != high
    if {len(one.partition(".")[2]) for one in written} == {decimals[-1]} and not alike:
        return written
    if not all(one.replace(",", "").replace(".", "").isdigit() for one in written):
        return written
    return tuple(plain(abs(value), max(decimals) + alike) for value in values)


def marked(value: Any) -> str:
    """'hidden' or 'not known'; empty for a number."""
    if is_suppressed(value):
        return HIDDEN
    return UNKNOWN if value is None else ""


def day(iso: str) -> str:
    """An ISO date as '30 Jun 2026'; empty stays empty."""
    return f"{date.fromisoformat(iso):%-d %b %Y}" if iso else ""


def plural(number: int, one: str, many: str = "") -> str:
    """'1 site', '12 sites'."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(words: Iterable[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    *first, last = list(words)
    return f"{', '.join(first)} and {last}" if first else last
