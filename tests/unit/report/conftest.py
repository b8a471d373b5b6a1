"""The example study, with and without a symptom scale, made once and rendered once."""

import pytest

from pipeline.report.released import open_released
from tests.unit.report.example_pages import example_pages, example_study


@pytest.fixture(scope="session")
def example():
    return example_study()


@pytest.fixture(scope="session")
def released(example):
    return open_released(example)


@pytest.fixture(scope="session")
def released_without_scores():
    return open_released(example_study(scores=False))


@pytest.fixture(scope="session")
def pages():
    """The folder of the example's rendered pages."""
    return example_pages()
