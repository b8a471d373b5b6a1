"""Finds what the module of a question has to say of a row, and what it draws: by the stem that the question
declares."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from types import ModuleType

from pipeline.questions import declared
from pipeline.report.certainty import turning
from pipeline.report.fragment import Picture
from pipeline.report.released import Released
from pipeline.report.sentences import measures
from pipeline.report.sentences.generic import generic
from pipeline.report.words import SURE, TURNS, Sentence
from pipeline.results import Result

Writer = Callable[[Released, Result], Sentence]
Artist = Callable[[Released, Result], list[Picture]]


def module_of(code: str) -> ModuleType | None:
    """The report's module of a question; None for a code that nobody declared."""
    question = declared(code)
    return import_module(f"pipeline.report.questions.{question.name}") if question is not None else None


def writer_of(row: Result) -> Writer | None:
    """The rule of its question for this row; None where there is none."""
    module = measures if row.question == "M" else module_of(row.question)
    sentences: Mapping[str, Writer] = module.SENTENCES if module is not None else {}
    return sentences.get(row.measure)


def artist_of(code: str) -> Artist | None:
    """What draws the figures of a question; None where it has no figures."""
    return getattr(module_of(code), "pictures", None)


def sentence_of(released: Released, row: Result) -> Sentence:
    """What a row says: by the rule of its question, or by the rule for any row."""
    said = (writer_of(row) or generic)(released, row)
    return replace(said, tag=TURNS) if said.tag == SURE and turning(released, row) else said
