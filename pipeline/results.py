"""The tables of results.duckdb, declared: what an analysis may say and which columns need small-cell care."""

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import lru_cache
from math import isnan
from typing import Any, Protocol, Self


class Verdict(StrEnum):
    """How an answer reads; the limits of a difference, or what kept it from being one, decide."""

    BETTER = "better"
    NOT_WORSE = "not worse by more than the margin"
    INCONCLUSIVE = "inconclusive"
    DEPENDS = "inconclusive: depends on those not measured"
    TURNED = "inconclusive: depends on how it is made"
    WORSE_WITHIN = "worse, by less than the margin"
    WORSE_BEYOND = "worse by more than the margin"
    WORSE = "worse"
    NO_COMPARABLE = "no comparable patients"
    DESCRIPTIVE = "descriptive only"
    EXPLORATORY = "exploratory"


CLAIMING = (Verdict.BETTER, Verdict.NOT_WORSE, Verdict.WORSE_WITHIN, Verdict.WORSE_BEYOND, Verdict.WORSE)


class GateWord(StrEnum):
    """What the gate said of an adjusted row; rows that are not adjusted have none."""

    PASSED = "passed"
    WITHHELD = "withheld"


class Analysis(StrEnum):
    """The analyses that every question shares; what stands beside a headline has a word of its question's own."""

    CLAIM = "claim"  # the one headline row of a question; C2 and C4 are answered by LIKE_FOR_LIKE
    LIKE_FOR_LIKE = "like_for_like"
    AS_OBSERVED = "as_observed"  # the naive twin: what a careless analyst would have reported
    SENSITIVITY = "sensitivity"
    ALL_ARMS = "all_arms"


NUMBERS = ("estimate", "raw_estimate", "se", "df", "low", "high", "level", "p")  # null in a withheld row
COUNTS = ("n", "n_reference", "events", "events_reference", "numerator", "denominator")  # each needs small-cell care
COMPATIBLE = (
    *("compatible_low", "compatible_high", "ruled_out"),
    *("narrower_limits", "people_to_narrow", "months_to_narrow"),
)  # measures of what limits leave open; told also beneath an answer that is withheld for nothing but its size
BORROWED = ("borrowed_difference", "borrowed_before", "borrowed_after", "borrowed_conflict", "borrowed_error")
# an answer that borrows from elsewhere, beneath the one that does not
NO_NUMBERS: dict[str, Any] = dict.fromkeys(NUMBERS)
NO_COUNTS: dict[str, Any] = dict.fromkeys(COUNTS)
ALL_LEVELS = "all levels"  # the arm of a row that counts the people of every level together


class Found(Protocol):
    """A number with its uncertainty, as every estimator hands it back; se and p are nan where a method gives none."""

    @property
    def estimate(self) -> float: ...
    @property
    def se(self) -> float: ...
    @property
    def df(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def p(self) -> float: ...
    @property
    def level(self) -> float: ...


@lru_cache(maxsize=2**17)
def joined(parts: tuple[str, ...]) -> str:
    """A name of these parts."""
    return ".".join(part.replace(" ", "_") for part in parts if part)


class Named:
    """Has room for the name that a row was given when it was first asked for: it is asked hundreds of times."""

    __slots__ = ("given",)
    given: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Named):
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
    level: float | None = None
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
        if not hasattr(self, "given"):
            object.__setattr__(self, "given", self.name())
        return self.given

    def name(self) -> str:
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
        return joined(parts)

    def filled(self, found: Found, *, sign: float | None = 1.0, **more: Any) -> Self:
        """The row with an estimate; sign turns improvement into the scale's own numbers (None: it has no others)."""
        numbers: dict[str, Any] = {
            "estimate": found.estimate,
            "raw_estimate": None if sign is None else sign * found.estimate,
            "se": None if isnan(found.se) else found.se,
            "df": found.df,
            "low": found.low,
            "high": found.high,
            "level": found.level,
            "p": None if isnan(found.p) else found.p,
        }
        return replace(self, **numbers | more)

    def limited(self, found: Found, **more: Any) -> Self:
        """The row with an estimate and its limits alone."""
        limits: dict[str, Any] = {"low": found.low, "high": found.high, "level": found.level}
        return replace(self, estimate=found.estimate, **limits | more)

    def blank(self) -> Self:
        """The row with every number and count taken out."""
        return replace(self, **NO_NUMBERS | NO_COUNTS)

    def refused(self, verdict: Verdict, reason: str) -> Self:
        """The row without any number, with the verdict word and the reason in words."""
        return replace(self.blank(), gate=GateWord.WITHHELD, verdict=verdict, reason=reason)

    def beneath(self, **more: Any) -> Self:
        """A sensitivity row of this one, still without its number: same people, no verdict of its own."""
        own = {"analysis": Analysis.SENSITIVITY, "twin_of": self.result_id, "verdict": "", "gate": "", "note": ""}
        return replace(self, **NO_NUMBERS | own | more)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """One point of a curve; at_risk and events are what the disclosure gate looks at."""

    result_id: str
    arm: str
    state: str
    day: int
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    at_risk: int | None = None
    events: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One check of one result: before and after weighting where both exist."""

    result_id: str
    check: str
    arm: str = ""
    covariate: str = ""
    before: float | None = None
    after: float | None = None
    threshold: float | None = None
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttritionStep:
    """How many people are left, and were removed, by one rule said in a sentence."""

    analysis: str
    step: int
    sentence: str
    arm: str = ""
    n_left: int
    n_removed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FigurePoint:
    """One mark of a figure; n is the number of people behind it."""

    result_id: str = ""
    figure: str
    series: str = ""
    x: float | None = None
    y: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    label: str = ""


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
