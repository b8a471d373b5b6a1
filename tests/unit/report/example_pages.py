"""The example studies and their pages, made once for all tests that look at them."""

import functools
import tempfile
from pathlib import Path

from pipeline.report.output.run import render, render_editions
from pipeline.study_toml.file import load_study
from tests.unit.report.example_results import write_example

SCRATCH = tempfile.TemporaryDirectory(prefix="carelevels-pages-")  # removed when the tests end
NAMES = {True: "example", False: "noscores"}


@functools.cache
def example_study(scores: bool = True) -> Path:
    """The study folder, with a symptom scale or without."""
    return write_example(Path(SCRATCH.name) / NAMES[scores], scores)


@functools.cache
def example_pages(scores: bool = True) -> Path:
    """The folder of its rendered pages."""
    render(load_study(example_study(scores)), Path(SCRATCH.name) / "reports", made_from="first")
    return Path(SCRATCH.name) / "reports" / NAMES[scores]


@functools.cache
def example_editions() -> Path:
    """The folder of the quality pages of one site, and of a period of all of them."""
    study, reports = load_study(example_study()), Path(SCRATCH.name) / "editions"
    render_editions(study, reports, site="s03", made_from="first")
    render_editions(study, reports, period="2025Q3", made_from="first")
    return reports / NAMES[True]
