"""The example study, with and without a symptom scale, made once and rendered once."""

import pytest

from pipeline.report.released import open_released
from pipeline.report.run import render
from pipeline.study import load_study
from tests.unit.report.example_results import write_example


@pytest.fixture(scope="session")
def example(tmp_path_factory):
    return write_example(tmp_path_factory.mktemp("studies") / "example")


@pytest.fixture(scope="session")
def without_scores(tmp_path_factory):
    return write_example(tmp_path_factory.mktemp("studies") / "noscores", scores=False)


@pytest.fixture(scope="session")
def released(example):
    return open_released(example)


@pytest.fixture(scope="session")
def released_without_scores(without_scores):
    return open_released(without_scores)


@pytest.fixture(scope="session")
def pages(example, tmp_path_factory):
    """The folder of the example's rendered pages."""
    reports = tmp_path_factory.mktemp("reports")
    render(load_study(example), reports, made_from="first")
    return reports / "example"
