"""What the tests of estimators share."""

import pytest

from pipeline.stats.weighting import missing


@pytest.fixture
def common_slopes(monkeypatch):
    """Being measured has the same slopes in every arm, as in R's models, however many people there are."""
    monkeypatch.setattr(missing, "ENOUGH", float("inf"))
