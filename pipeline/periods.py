"""Periods as results name them: 2025, 2025H1, 2025Q3, 2025-09, and the twelve months to the end of a quarter."""

import re
from enum import StrEnum
from functools import cache

ROLLING = "12 months to "
QUARTERS_A_YEAR = 4


class Grain(StrEnum):
    """How long a period is."""

    YEAR = "year"
    HALF = "half-year"
    QUARTER = "quarter"
    MONTH = "month"
    ROLLING = "12 months"


SHAPES = {
    Grain.YEAR: re.compile(r"\d{4}"),
    Grain.HALF: re.compile(r"\d{4}H[12]"),
    Grain.QUARTER: re.compile(r"\d{4}Q[1-4]"),
    Grain.MONTH: re.compile(r"\d{4}-(0[1-9]|1[0-2])"),
    Grain.ROLLING: re.compile(ROLLING + r"\d{4}Q[1-4]"),
}


@cache
def grain_of(period: str) -> Grain | None:
    """How long a period is; None for what is no period, such as all of them together."""
    return next((grain for grain, shape in SHAPES.items() if shape.fullmatch(period)), None)


def quarter_number(quarter: str) -> int:
    """Quarters since the year 0, of a quarter 2025Q3."""
    return QUARTERS_A_YEAR * int(quarter[:4]) + int(quarter[5]) - 1


def quarter_named(number: int) -> str:
    return f"{number // QUARTERS_A_YEAR}Q{number % QUARTERS_A_YEAR + 1}"


def half_named(number: int) -> str:
    """The half-year of a quarter by its number."""
    return f"{number // QUARTERS_A_YEAR}H{number % QUARTERS_A_YEAR // 2 + 1}"


def twelve_months_to(quarter: str) -> str:
    return ROLLING + quarter


def quarters_of(period: str) -> tuple[str, ...]:
    """The quarters that a period is made of; of a month, none."""
    grain = grain_of(period)
    if grain is Grain.ROLLING:
        last = quarter_number(period.removeprefix(ROLLING))
        return tuple(quarter_named(number) for number in range(last - 3, last + 1))
    parts = {Grain.YEAR: "1234", Grain.HALF: "12" if period.endswith("1") else "34", Grain.QUARTER: period[-1:]}
    return tuple(f"{period[:4]}Q{part}" for part in parts.get(grain, "")) if grain else ()


def quarter_of_month(month: str) -> str:
    return f"{month[:4]}Q{(int(month[5:]) + 2) // 3}"


def longer_periods(period: str) -> tuple[str, ...]:
    """Every longer period, and every other name of the same one, that holds all of this period."""
    grain = grain_of(period)
    if grain is None or grain is Grain.ROLLING:
        return ()
    if grain is Grain.MONTH:
        quarter = quarter_of_month(period)
        return (quarter, *longer_periods(quarter))
    quarters = quarters_of(period)
    last, first = quarter_number(quarters[-1]), quarter_number(quarters[0])
    rolling = tuple(twelve_months_to(quarter_named(end)) for end in range(last, first + QUARTERS_A_YEAR))
    year = (period[:4],) if grain is not Grain.YEAR else ()
    return ((half_named(last),) if grain is Grain.QUARTER else ()) + year + rolling


def before(period: str) -> str:
    """The period of the same length just before: 2025Q4 before 2026Q1; '' where there is none."""
    grain = grain_of(period)
    if grain is Grain.ROLLING:
        last = quarter_number(period.removeprefix(ROLLING))
        return twelve_months_to(quarter_named(last - QUARTERS_A_YEAR))
    year = int(period[:4]) if grain else 0
    if grain is Grain.MONTH:
        return f"{year}-{int(period[5:]) - 1:02d}" if period[5:] != "01" else f"{year - 1}-12"
    if grain is Grain.QUARTER:
        return quarter_named(quarter_number(period) - 1)
    if grain is Grain.HALF:
        return f"{year}H1" if period.endswith("2") else f"{year - 1}H2"
    return str(year - 1) if grain else ""
