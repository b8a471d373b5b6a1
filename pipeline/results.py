"""The tables of results.duckdb, declared: what an analysis may say and which columns need small-cell care."""

from dataclasses import dataclass, fields
from typing import Any

VERDICTS = (
    "better",
    "not worse by more than the margin",
    "inconclusive",
    "inconclusive: depends on those not measured",
    "worse, by less than the margin",
    "worse by more than the margin",
    "worse",
    "no comparable patients",
    "descriptive only",
    "exploratory",
)
GATES = ("passed", "withheld")
NUMBERS = ("estimate", "raw_estimate", "se", "df", "low", "high", "p")  # null in a withheld row
COUNTS = ("n", "n_reference", "events", "events_reference", "numerator", "denominator")  # each needs small-cell care


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One reported number, or one stated refusal.

    estimate is arm - reference, improvement-positive for scores and on the event's own scale for risks, rates and
    hazards; raw_estimate keeps the scale's own sign.  A withheld row has no number from estimate to p and says why in
    reason.
    """

    question: str
    analysis: str
    population: str = ""
    outcome: str = ""
    day: int | None = None
    arm: str = ""
    reference: str = ""
    site: str = ""
    payer: str = ""
    period: str = ""
    stratum: str = ""
    measure: str
    measure_version: str = ""
    unit: str = ""
    target: str = ""
    estimator: str = ""
    estimate: float | None = None
    raw_estimate: float | None = None
    se: float | None = None
    df: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    n: int | None = None
    n_reference: int | None = None
    events: int | None = None
    events_reference: int | None = None
    numerator: int | None = None
    denominator: int | None = None
    ess: float | None = None
    margin: float | None = None
    verdict: str = ""
    gate: str = ""
    reason: str = ""
    twin_of: str = ""
    varied: str = ""
    note: str = ""

    @property
    def result_id(self) -> str:
        """The row's name: its defining columns joined, stable from run to run."""
        contrast = f"{self.arm}-vs-{self.reference}" if self.reference else self.arm
        day = "" if self.day is None else f"day{self.day}"
        parts = (
            self.question,
            self.analysis,
            self.outcome,
            contrast,
            self.measure,
            day,
            self.stratum,
            self.site,
            self.payer,
            self.period,
            self.target,
            self.estimator,
            self.varied,
        )
        return ".".join(part.replace(" ", "_") for part in parts if part)


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One point of a curve; at_risk and events are what the disclosure gate looks at."""

    result_id: str
    arm: str
    state: str
    day: int
    estimate: float | None
    low: float | None
    high: float | None
    at_risk: int | None
    events: int | None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One check of one result: before and after weighting where both exist."""

    result_id: str
    check: str
    arm: str
    covariate: str
    before: float | None
    after: float | None
    threshold: float | None
    passed: bool


@dataclass(frozen=True, slots=True)
class AttritionStep:
    """How many people are left, and were removed, by one rule said in a sentence."""

    analysis: str
    step: int
    sentence: str
    arm: str
    n_left: int
    n_removed: int


@dataclass(frozen=True, slots=True)
class FigurePoint:
    """One mark of a figure; n is the number of people behind it."""

    result_id: str
    figure: str
    series: str
    x: float | None
    y: float | None
    low: float | None
    high: float | None
    n: int | None
    label: str


RESULT_TABLES: dict[str, type] = {
    "results": Result,
    "curves": CurvePoint,
    "diagnostics": Diagnostic,
    "attrition": AttritionStep,
    "points": FigurePoint,
}
SQL_TYPES = {"str": "VARCHAR", "int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN"}


def table_columns(kind: Any) -> dict[str, str]:
    """Column names of a result table with their SQL types, in order; results begin with result_id."""
    columns = {"result_id": "VARCHAR"} if kind is Result else {}
    return columns | {
        field.name: SQL_TYPES[str(field.type.__name__ if isinstance(field.type, type) else field.type).split(" |")[0]]
        for field in fields(kind)
    }
