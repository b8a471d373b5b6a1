"""The gate fails closed: what is not declared is hidden, and everything the analysis can write is declared."""

import ast
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pipeline.choices.answered import Disclosure
from pipeline.counting import CHECKS, COMPARED, Heads, Marks
from pipeline.questions import by_number, counting_of, declared, every_counting, in_asking_order
from pipeline.report.disclosure.declared import is_named
from pipeline.report.disclosure.gate import Tables, release
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.results import AttritionStep, CurvePoint, Diagnostic, FigurePoint, Result

ANALYSIS = Path(__file__).parents[4] / "pipeline" / "analysis"
RULE = Disclosure(threshold=11)


def out(*results, **tables):
    return release(Tables(results=results, **tables), RULE)


def share(question, part, whole, **columns):
    return Result(
        question=question,
        analysis="claim",
        arm="iop",
        numerator=part,
        denominator=whole,
        n=whole,
        estimate=part / whole,
        **columns,
    )


def numbers(row):
    return {name for name in ("estimate", "numerator", "denominator", "n") if getattr(row, name) is not SUPPRESSED}


def test_two_nested_groups_of_a_question_that_nobody_declared_do_not_leave():
    """500 of whom 250, and 495 of whom 245: five people, all of them with the outcome, by subtraction."""
    rows = out(share("C99", 250, 500, measure="risk"), share("C99", 245, 495, measure="risk", day=90)).results
    assert [numbers(row) for row in rows] == [set(), set()]


def test_a_measure_that_its_question_does_not_declare_is_hidden():
    [known, unknown] = out(
        share("C12", 250, 500, measure="behind_course"), share("C12", 250, 500, measure="never_heard_of")
    ).results
    assert numbers(known) == {"estimate", "numerator", "denominator", "n"}
    assert numbers(unknown) == set()


def test_a_share_of_people_without_its_counts_is_hidden_and_one_of_visits_is_not():
    """0.94 of 80 people: five were not, and no rule could see them."""
    bare = {"numerator": None, "denominator": None, "unit": "share", "target": "observed"}
    twin = replace(share("C12", 75, 80, measure="measured_every_14_days"), **bare)
    weeks = replace(share("C1", 75, 80, measure="weeks_within_hours"), **bare)
    [hidden, shown] = out(twin, weeks).results
    assert (hidden.estimate, hidden.n) == (SUPPRESSED, SUPPRESSED)
    assert "estimate" in numbers(shown)


def test_what_is_about_an_undeclared_row_is_hidden_with_it():
    row = share("C99", 250, 500, measure="risk")
    twin = replace(share("C1", 260, 500, measure="weeks_within_hours"), twin_of=row.result_id)
    assert [numbers(one) for one in out(row, twin).results] == [set(), set()]


@pytest.mark.parametrize(
    ("result_id", "figure"),
    [("C99.claim.iop", "dose_by_week"), ("C1.claim.iop", "never_heard_of"), ("", "never_heard_of")],
)
def test_a_mark_of_an_undeclared_question_or_figure_says_nothing(result_id, figure):
    made = FigurePoint(result_id=result_id, figure=figure, series="a", x=3.0, y=0.5, low=0.4, high=0.6, n=500, label="")
    [mark] = out(points=(made,)).points
    assert {mark.x, mark.y, mark.low, mark.high, mark.n} == {SUPPRESSED}
    [mark] = out(points=(replace(made, result_id="C1.claim.iop", figure="dose_by_week"),)).points
    assert SUPPRESSED not in {mark.x, mark.y, mark.low, mark.high, mark.n}


@pytest.mark.parametrize(("result_id", "shown"), [("C4.retention", 2), ("C4.claim", 0), ("C99.retention", 0)])
def test_a_curve_of_an_undeclared_question_or_analysis_does_not_leave(result_id, shown):
    points = tuple(
        CurvePoint(
            result_id=result_id,
            arm="iop",
            state="in care",
            day=day,
            estimate=0.9,
            low=0.8,
            high=1.0,
            at_risk=400,
            events=20,
        )
        for day in (0, 7)
    )
    assert len(out(curves=points).curves) == shown


@pytest.mark.parametrize(
    ("result_id", "check", "shown"),
    [("C2.claim", "balance", True), ("C2.claim", "never_heard_of", False), ("C99.claim", "balance", False)],
)
def test_a_check_that_is_undeclared_or_about_an_undeclared_question_says_nothing(result_id, check, shown):
    made = Diagnostic(
        result_id=result_id, check=check, arm="iop", covariate="Age", before=0.3, after=0.1, threshold=0.1, passed=True
    )
    [left] = out(diagnostics=(made,)).diagnostics
    assert (left.before, left.after) == ((0.3, 0.1) if shown else (SUPPRESSED, SUPPRESSED))


def test_a_flow_that_leads_to_nothing_declared_counts_nobody():
    steps = tuple(
        AttritionStep(analysis=name, step=0, sentence="started", arm="", n_left=400, n_removed=0)
        for name in ("all people", "never heard of: iop")
    )
    known, unknown = out(attrition=steps).attrition
    assert (known.n_left, unknown.n_left) == (400, SUPPRESSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wider(Result):
    """A results row with one more column, as a later version may have."""

    helped: int | None = None
    said: str = ""


def test_a_column_of_numbers_that_nobody_declared_is_hidden_in_rows_that_are_shown():
    row = Wider(question="M", analysis="scorecard", arm="iop", measure="starts", n=400, helped=7, said="words")
    [left] = out(row).results
    assert (left.n, left.helped, left.said) == (400, SUPPRESSED, "words")


def test_groups_of_a_question_lie_one_inside_another_unless_it_says_otherwise():
    assert counting_of("C8").heads is Heads.NESTED
    assert type(counting_of("C8"))().heads is Heads.NESTED


def test_every_question_is_declared_once_and_its_stem_is_known():
    codes = [question.code for question in by_number()]
    assert codes == [f"C{number}" for number in range(1, len(codes) + 1)]
    assert (declared("C99"), counting_of("C99")) == (None, None)
    stems = [question.name for question in in_asking_order() if not question.like_for_like]
    assert len(set(stems)) == len(stems)


def literal_calls(name, place, keyword):
    """The literal strings that calls of name in the analysis give at a place or under a keyword."""
    for path in ANALYSIS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == name):
                continue
            given = [one.value for one in node.keywords if one.arg == keyword]
            given += node.args[place : place + 1]
            for value in given:
                if isinstance(value, ast.Constant):
                    yield value.value, path


def test_every_check_and_figure_that_the_analysis_names_is_declared():
    checks = dict(literal_calls("Diagnostic", 1, "check"))
    assert checks.keys() <= CHECKS.keys()
    assert len(checks) > 10
    names = [name for one in (*every_counting(), COMPARED) for name in one.figures]
    figures = dict(literal_calls("FigurePoint", 1, "figure"))
    assert figures
    assert [figure for figure in figures if not any(is_named(figure, name) for name in names)] == []


def test_every_measure_that_the_analysis_names_is_declared():
    known = {name for one in (*every_counting(), COMPARED) for name in one.measures}
    named = {measure for call in ("Result", "headline", "share") for measure, _ in literal_calls(call, 99, "measure")}
    assert named - {""} <= known
    assert len(named) > 15


def test_a_figure_is_declared_by_one_question():
    figures = [name for one in (*every_counting(), COMPARED) for name in one.figures]
    assert len(set(figures)) == len(figures)
    assert all(kind in Marks for one in every_counting() for kind in one.figures.values())
