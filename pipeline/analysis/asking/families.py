"""Families of questions in the one form in which all are asked, those of the declared questions found by their
stems."""

from dataclasses import replace
from importlib import import_module
from typing import cast

from pipeline.analysis.asking.unanswerable import Ask, to_the_end
from pipeline.analysis.headline import headline
from pipeline.questions import Question, in_asking_order
from pipeline.results import Analysis, Result


def of_questions() -> dict[str, Ask]:
    """What answers each declared question that no declared contrast answers: by part, the function named as its
    module."""
    return {
        part: to_the_end(
            cast(Ask, getattr(import_module(f"pipeline.analysis.questions.{part}"), part)), own_row(question, part)
        )
        for question in in_asking_order()
        for part in parts_of(question)
    }


def own_row(question: Question, part: str) -> Result:
    """The row refused where a part cannot be answered: the question's one headline, or what stands beside it."""
    row = headline(question.code, measure="difference", arm=question.pair[0], reference=question.pair[1])
    return row if part == parts_of(question)[0] else replace(row, analysis=Analysis.SENSITIVITY, varied=part)


def parts_of(question: Question) -> tuple[str, ...]:
    """The modules that answer a question, by name: its own, or those that it declares; none for the declared
    contrasts."""
    return () if question.like_for_like else question.parts or (question.name,)


def parts_with_verdict() -> set[str]:
    """The modules whose answer carries a verdict word, and so shares the confirmatory error."""
    return {parts_of(question)[0] for question in in_asking_order() if question.verdict}
