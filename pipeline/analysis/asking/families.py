"""Families of questions in the one form in which all are asked, those of the declared questions found by their
stems."""

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, cast

from pipeline.analysis.headline import Asking
from pipeline.questions import Question, in_asking_order

Ask = Callable[[Asking], Iterable[Any]]


def of_questions() -> dict[str, Ask]:
    """What answers each declared question that no declared contrast answers: by part, the function named as its
    module."""
    return {
        part: cast(Ask, getattr(import_module(f"pipeline.analysis.questions.{part}"), part))
        for question in in_asking_order()
        for part in parts_of(question)
    }


def parts_of(question: Question) -> tuple[str, ...]:
    """The modules that answer a question, by name: its own, or those that it declares; none for the declared
    contrasts."""
    return () if question.like_for_like else question.parts or (question.name,)
