"""A sixteenth question: declared once, one module in each room, and it is asked, released, told, drawn, and gone
again."""

import sys
from dataclasses import replace

import pytest

from pipeline import questions
from pipeline.analysis import questions as answering
from pipeline.analysis.asking.answer_cache import Answered, by_table
from pipeline.analysis.asking.run import asked_last, check_shared, families
from pipeline.analysis.headline import Asking
from pipeline.analysis.standing import Standing
from pipeline.choices.answered import Disclosure
from pipeline.counting import Counting, Marks
from pipeline.errors import BuildError
from pipeline.questions import Question, by_number
from pipeline.report import questions as telling
from pipeline.report.disclosure.gate import Tables, release
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.questions.sentence_of import sentence_of
from pipeline.report.sections.claims import at_a_glance, cards
from pipeline.results import FigurePoint, Result
from tests.unit.analysis.made_records import made_records, study

RULE = Disclosure(threshold=11)
SLEEP = Question(
    code="C16",
    name="sleep",
    asks="Do people sleep better a month after the start?",
    fooled_by="Whoever sleeps badly answers less often.",
    counting=Counting(measures=("sleeps_well",), figures={"sleep_by_week": Marks.WEEK_BY_WEEK}),
)  # its groups of people lie one inside another, because it does not say otherwise
ANALYSIS = '''"""C16: do people sleep better a month after the start?"""

from pipeline.analysis.headline import NaiveTwin, headline
from pipeline.results import FigurePoint, Result


def sleep(asking):
    """The share who sleep well, what a careless count says, and a mark for each week."""
    n = len(asking.records.people)
    row = headline("C16", arm="iop", measure="sleeps_well", day=30, unit="share", estimate=0.5, gate="passed",
                   verdict="descriptive only", numerator=n // 2, denominator=n, n=n)
    yield row
    yield NaiveTwin("of those asked", "Whoever sleeps badly is asked less.").beside(row, estimate=0.6, n=n)
    yield FigurePoint(result_id=row.result_id, figure="sleep_by_week", series="share", x=1.0, y=0.5, n=n)
'''
REPORT = '''"""C16 in words and pictures."""

from pipeline.report.numbers import in_hundred
from pipeline.report.words import Sentence


def well(released, row):
    """'50 of 100 people slept well.'"""
    return Sentence(f"{in_hundred(row.estimate)} of 100 people slept well.", "", "", (row.result_id,))


def pictures(released, row):
    """The share by week."""
    return [("Sleep by week", "As observed.", "<svg></svg>")]


SENTENCES = {"sleeps_well": well}
'''


@pytest.fixture
def sleep(monkeypatch, tmp_path):
    """The question declared, its two modules where those of its rooms are looked for; gone when the test ends."""
    for room, source in ((answering, ANALYSIS), (telling, REPORT)):
        folder = tmp_path / room.__name__
        folder.mkdir()
        (folder / "sleep.py").write_text(source)
        monkeypatch.setattr(room, "__path__", [*room.__path__, str(folder)])
    monkeypatch.setattr(questions, "QUESTIONS", (*questions.QUESTIONS, SLEEP))
    yield
    for room in (answering, telling):
        sys.modules.pop(f"{room.__name__}.sleep", None)
        vars(room).pop("sleep", None)


@pytest.fixture
def answers(sleep, tmp_path):
    """What the question's family says."""
    choices = study(tmp_path)
    return list(families(choices)["sleep"](Asking(None, made_records(n=500), choices, [])))


def test_it_is_asked_after_the_fifteen_and_shares_no_confirmatory_error(answers, tmp_path):
    assert list(families(study(tmp_path)))[-1] == "sleep"
    assert "sleep" not in asked_last()
    assert not any(isinstance(one, Standing) for one in answers)


def test_a_verdict_that_shares_no_error_with_the_others_stops_the_run(answers, tmp_path):
    claimed = [replace(answers[0], verdict="better")]
    one = Answered(by_table(claimed), "x", {}, 0.1)
    check_shared({"sleep": replace(one, rows=by_table(answers))}, study(tmp_path))
    with pytest.raises(BuildError, match=r"C16\.claim\.iop\.sleeps_well\.day30 carries a verdict"):
        check_shared({"sleep": one}, study(tmp_path))


def test_its_rows_and_marks_pass_the_gate_which_knows_how_they_count(answers):
    rows = tuple(row for row in answers if isinstance(row, Result))
    points = tuple(row for row in answers if isinstance(row, FigurePoint))
    nested = replace(rows[0], day=60, n=rows[0].n - 5, denominator=rows[0].n - 5)
    left = release(Tables(results=(*rows, nested), points=points), RULE)
    assert left.results[0].estimate == 0.5
    assert left.points[0].y == 0.5
    assert left.results[-1].n is SUPPRESSED  # beside the first, five people could be subtracted


def test_it_is_told_and_drawn_on_the_pages(answers, released):
    rows = tuple(row for row in answers if isinstance(row, Result))
    page = replace(released, tables=replace(released.tables, results=(*released.tables.results, *rows)))
    assert sentence_of(page, rows[0]).point == "50 of 100 people slept well."
    assert "Sixteen questions at a glance" in at_a_glance(page).html
    card = cards(page).html.split('id="c16"')[1]
    assert "Do people sleep better a month after the start?" in card
    assert "Whoever sleeps badly answers less often." in card
    assert "Sleep by week" in card


def test_taken_out_again_nothing_of_it_leaves(released):
    assert [question.code for question in by_number()][-1] == "C15"
    row = Result(question="C16", analysis="claim", measure="sleeps_well", n=500, estimate=0.5)
    [left] = release(Tables(results=(row,)), RULE).results
    assert (left.n, left.estimate) == (SUPPRESSED, SUPPRESSED)
    assert "c16" not in cards(released).html
