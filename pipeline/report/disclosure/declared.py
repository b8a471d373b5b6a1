"""What the gate knows: rows, curves, marks, checks, flows and columns that are declared.  What it does not know is
hidden."""

from collections.abc import Iterable, Mapping
from functools import cache

from pipeline.counting import CHECKS, COMPARED, Counting, Marks
from pipeline.questions import counting_of, every_counting
from pipeline.results import COUNTS, NUMBERS, AttritionStep, CurvePoint, Diagnostic, FigurePoint, Result, table_columns

# The columns that hold numbers, and which of them are rounded or hidden with their row; the others are a study's own
# choices.
KNOWN: Mapping[type, tuple[str, ...]] = {
    Result: (*NUMBERS, *COUNTS, "ess", "day", "margin"),
    CurvePoint: ("estimate", "low", "high", "at_risk", "events", "day"),
    Diagnostic: ("before", "after", "threshold", "passed"),
    AttritionStep: ("n_left", "n_removed", "step"),
    FigurePoint: ("x", "y", "low", "high", "n"),
}


def code_of(result_id: str) -> str:
    """The question whose row an id names."""
    return result_id.split(".")[0]


def knows_row(row: Result) -> bool:
    """Whether its question is declared, the measure is one that the question tells of, and a share of people comes with
    its counts: nothing could be said of one without."""
    counting = counting_of(row.question)
    return (
        counting is not None
        and (row.measure in (*counting.measures, *COMPARED.measures) or row.analysis in counting.analyses)
        and (counts_its_share(row) or bool({row.measure, row.analysis} & {*counting.uncounted, *COMPARED.uncounted}))
    )


def counts_its_share(row: Result) -> bool:
    """Whether a row is no observed share, or tells of how many people it is one, and of how many more."""
    observed = row.unit == "share" and row.target == "observed" and not row.reference and row.estimate is not None
    return not observed or None not in (row.numerator, row.denominator) or None not in (row.events, row.n)


def undeclared_rows(rows: Iterable[Result]) -> set[str]:
    """result_ids of rows of which nothing is declared."""
    return {row.result_id for row in rows if not knows_row(row)}


def knows_curve(point: CurvePoint) -> bool:
    """Whether the question of a curve is declared with curves of its analysis."""
    counting = counting_of(code_of(point.result_id))
    return counting is not None and point.result_id.split(".")[1:2] in [[name] for name in counting.curves]


def starts_with_all(asked: str) -> bool:
    """Whether the curves of a question and analysis, as C4.retention, begin with everybody who started."""
    code, _, analysis = asked.partition(".")
    counting = counting_of(code)
    return counting is not None and analysis in counting.starters


def marks_of(point: FigurePoint) -> Marks | None:
    """How the marks of a point's figure count; None where the figure is not declared by the question of its row."""
    counting = counting_of(code_of(point.result_id))
    if point.result_id and counting is None:
        return None
    declaring: tuple[Counting, ...] = (counting, COMPARED) if counting is not None else every_counting()
    found = [kind for one in declaring for name, kind in one.figures.items() if is_named(point.figure, name)]
    return found[0] if found else None


def is_named(figure: str, name: str) -> bool:
    """Whether a figure has a declared name, or begins with one that ends in _."""
    return figure == name or (name.endswith("_") and figure.startswith(name))


def knows_check(row: Diagnostic) -> bool:
    """Whether a check is declared, and so is the question that it is about."""
    return row.check in CHECKS and counting_of(code_of(row.result_id)) is not None


def knows_flow(step: AttritionStep, outcomes: set[str]) -> bool:
    """Whether a flow is declared by a question, or leads to an outcome that declared rows are about."""
    named = any(step.analysis.startswith(name) for one in every_counting() for name in one.flows)
    return named or step.analysis.split(":")[0].split(",")[0] in outcomes


def outcomes_of(rows: Iterable[Result]) -> set[str]:
    """The outcomes that declared rows are about."""
    return {row.outcome for row in rows if row.outcome and knows_row(row)}


def unknown_columns(kind: type) -> tuple[str, ...]:
    """Columns of numbers of a table of results that nothing is declared of."""
    return undeclared_columns(kind)


@cache
def undeclared_columns(kind: type) -> tuple[str, ...]:
    known = next(names for table, names in KNOWN.items() if issubclass(kind, table))
    return tuple(name for name, sql in table_columns(kind).items() if sql != "VARCHAR" and name not in known)
