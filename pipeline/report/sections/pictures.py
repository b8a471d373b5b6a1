"""The figures behind the fifteen questions: what an answer rests on, drawn where enough of it may be shown."""

from pipeline.questions import declared
from pipeline.report.again import drawn_again
from pipeline.report.fragment import Fragment, Picture, figure, ids
from pipeline.report.questions.sentence_of import artist_of
from pipeline.report.released import Released
from pipeline.report.sections.charts import grid
from pipeline.results import Result


def pictures(released: Released, row: Result | None) -> Fragment:
    """The figures of one question, folded open; nothing where none may be shown."""
    shown = [one for one in pictures_of(released, row) if one[2]]
    if row is None or not shown:
        return Fragment("")
    again = drawn_again(released, [one for one in released.tables.points if one.result_id == row.result_id])
    cards = [figure(title, below + again, drawn) for title, below, drawn in shown]
    return Fragment(f"<details open><summary>Figures</summary>{grid(cards)}</details>", behind(released, row))


def pictures_of(released: Released, row: Result | None) -> list[Picture]:
    """Every figure of the question that this row answers; where it is withheld, only those that describe and compare
    nothing."""
    question = declared(row.question) if row is not None else None
    artist = artist_of(question.code) if question is not None else None
    if row is None or question is None or artist is None or (row.gate == "withheld" and not question.described):
        return []
    return artist(released, row)


def behind(released: Released, row: Result) -> tuple[str, ...]:
    """The answer and the rows beside it that its figures draw."""
    question = declared(row.question)
    analysis, measures = question.beside if question is not None else ("", ())
    rows = [one for one in released.rows(question=row.question, analysis=analysis) if one.measure in measures]
    return ids([row, *rows])
