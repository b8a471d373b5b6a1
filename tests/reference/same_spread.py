"""Two covariance matrices are one where they agree in standard errors and correlations: an entry that is nearly 0 holds
only rounding."""

import numpy as np
import pytest
from numpy.typing import NDArray


def assert_same_spread(one: NDArray[np.float64], other: NDArray[np.float64], near: float) -> None:
    size = np.sqrt(np.diag(other))
    assert one / np.outer(size, size) == pytest.approx(other / np.outer(size, size), abs=near)
