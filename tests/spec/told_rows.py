"""Results rows as a page would find them, without a database."""

from pathlib import Path
from types import MappingProxyType

from pipeline.report.disclosure.gate import Tables
from pipeline.report.released import Released
from pipeline.report.sentences.told import told
from pipeline.results import Result
from pipeline.study import Study


def released_of(tables: Tables) -> Released:
    """These tables, as if they had come through the gate, of a study with default choices."""
    return Released(Study(Path("study")), tables, MappingProxyType({}), "")


def said(row: Result, *beside: Result) -> str:
    """What is told of a row among these: point, detail and tag."""
    sentence = told(released_of(Tables(results=(row, *beside))), row)
    return " ".join(part for part in (sentence.point, sentence.detail, f"[{sentence.tag}]") if part not in ("", "[]"))
