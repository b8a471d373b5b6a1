"""Measures of the example study: retention and reliable change by quarter, site and payer, with charts, funnels and a
published figure."""

from collections.abc import Iterator
from math import sqrt
from typing import Any

from pipeline.results import ALL_LEVELS, FigurePoint, Result

ARMS = ("iop", "inpatient")
SITES = tuple(f"s{number:02d}" for number in range(1, 13))
QUARTERS = ("2025Q1", "2025Q2", "2025Q3", "2025Q4")
LAST_YEAR = "12 months to 2025Q3"
EARLY = "too early: not everybody of this period has been followed for long enough"
PLACED = {
    "question": "M",
    "analysis": "measures",
    "population": "people who started new at this level",
    "unit": "share",
    "target": "observed",
    "day": 90,
}
WORDS = {
    "retention_any_level": {
        "title": "Still in care, at any level of care",
        "idea": "retention",
        "numerator": "still in care on that day",
        "denominator": "people who started",
        "exclusions": "their records end before the day",
        "source": "house measure",
        "says": "Of 100 people who started here, {number} were still in care on day {day}.",
    },
    "reliable_improvement": {
        "title": "Reliably better around day 90",
        "idea": "reliable improvement",
        "numerator": "fell by 6 points or more",
        "denominator": "people with a score at the start",
        "exclusions": "no score at the start",
        "says": "Of 100 people, {number} were reliably better around day {day}.",
    },
    "reliable_deterioration": {
        "title": "Reliably worse around day 90",
        "idea": "reliable deterioration",
        "numerator": "rose by 6 points",
    },
}


def rate(numerator: int, denominator: int, **where: Any) -> Result:
    share = numerator / denominator
    half = 1.96 * sqrt(share * (1 - share) / denominator)
    base = PLACED | {"measure_version": "1"}
    return Result(
        **(base | where),
        estimate=share,
        low=share - half,
        high=share + half,
        n=denominator,
        events=numerator,
        numerator=numerator,
        denominator=denominator,
        verdict="descriptive only",
    )


def measure_rows() -> Iterator[Result | FigurePoint]:
    """Definitions, rates, charts, funnels, a published figure, and two definitions that disagree."""
    for measure, words in WORDS.items():
        for about, note in words.items():
            yield Result(
                question="M",
                analysis="measure_definition",
                measure=measure,
                measure_version="1",
                stratum=about,
                note=note,
            )
    for place, arm in enumerate(ARMS):
        yield from rates_of(arm, 40 * place)
        yield from chart(arm)
    yield from groups_of_all()
    yield from funnel("iop")
    yield Result(
        question="M",
        analysis="benchmark",
        measure="retention_any_level",
        day=90,
        unit="share",
        target="published",
        stratum="figure_1",
        estimate=0.52,
        population="United States, community programs",
        note="A published report, 2024",
    )
    yield Result(
        question="M",
        analysis="definitions",
        measure="retention",
        stratum="disagree",
        note="The order of the levels depends on the definition.",
    )


def rates_of(arm: str, more: int) -> Iterator[Result]:
    """Staying by quarter and by site; change in the last twelve months."""
    for day in (30, 90):
        where = {"arm": arm, "measure": "retention_any_level", "day": day}
        for number, quarter in enumerate(QUARTERS[:3]):
            yield rate(300 + more + 10 * number, 600, period=quarter, **where)
        yield Result(**PLACED | where, period="2025Q4", reason=EARLY)
        yield rate(930 + 3 * more, 1800, **where)
        yield rate(930 + 3 * more, 1800, period=LAST_YEAR, **where)
        for number, site in enumerate(SITES):
            yield rate(60 + number + more // 2, 150, site=site, period=LAST_YEAR, **where)
    scale = {"arm": arm, "outcome": "phq9_day90"}
    for period in ("", LAST_YEAR):
        yield rate(640, 1500, measure="reliable_improvement", period=period, **scale)
        yield rate(90, 1500, measure="reliable_deterioration", period=period, **scale)


def groups_of_all() -> Iterator[Result]:
    """Staying by payer, all levels together."""
    where = {"arm": ALL_LEVELS, "measure": "retention_any_level", "day": 30, "period": LAST_YEAR}
    yield rate(450, 900, payer="medicaid", **where)
    yield rate(300, 500, payer="commercial", **where)


def chart(arm: str) -> Iterator[Result | FigurePoint]:
    note = (
        "Signs of change: beyond the limits in 2025Q3."
        if arm == "iop"
        else "No sign of change beyond what varies anyway."
    )
    row = Result(
        question="M",
        analysis="control_chart",
        measure="retention_any_level",
        arm=arm,
        day=30,
        period="2025Q1 to 2025Q3",
        unit="share",
        target="observed",
        estimate=0.52,
        numerator=930,
        denominator=1800,
        n=1800,
        note=note,
        verdict="descriptive only",
    )
    yield row
    for number, quarter in enumerate(QUARTERS[:3]):
        high = 0.51 if arm == "iop" and quarter == "2025Q3" else 0.58
        yield FigurePoint(
            result_id=row.result_id,
            figure="control_chart",
            series=arm,
            x=float(number),
            y=0.5 + 0.016 * number,
            low=0.46,
            high=high,
            n=600,
            label=quarter,
        )


def funnel(arm: str) -> Iterator[Result | FigurePoint]:
    row = Result(
        question="M",
        analysis="funnel",
        measure="retention_any_level",
        arm=arm,
        day=30,
        period=LAST_YEAR,
        unit="share",
        target="observed",
        estimate=0.44,
        note="No site lies beyond what varies between sites anyway.",
        verdict="descriptive only",
    )
    yield row
    for figure, half in (("funnel", 0.12), ("funnel_95", 0.08)):
        for number, site in enumerate(SITES):
            y = 0.62 if site == "s12" else (60 + number) / 150
            yield FigurePoint(
                result_id=row.result_id,
                figure=figure,
                series=arm,
                x=150.0 + number,
                y=y,
                low=0.44 - half,
                high=0.44 + half,
                n=150 + number,
                label=site,
            )
