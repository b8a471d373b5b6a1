"""Whole numbers are the same numbers in whatever type they arrive, and a comparison is never made with one person."""

from typing import Any

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from tests.unit.stats.degenerate_calls import CALLS
from tests.unit.stats.degenerate_people import Call
from tests.unit.stats.test_degenerate import headline

TYPES = [np.uint8, np.uint16, np.uint32, np.uint64, np.int8, np.int16, np.int32]
SAME = 1e-9


def whole_numbers(call: Call) -> dict[str, np.ndarray]:
    """What an estimator is given that holds whole numbers from 0 on: codes, days, counts."""
    arrays = {name: np.asarray(values) for name, values in call.data.items()}
    found = {name: values for name, values in arrays.items() if values.dtype.kind in "iuf" and values.size}
    return {name: values for name, values in found.items() if (values >= 0).all() and (values % 1 == 0).all()}


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", [name for name, call in CALLS.items() if whole_numbers(call)])
def test_an_estimator_reads_whole_numbers_of_every_type_alike(name, kind):
    fits = {
        key: values.astype(kind)
        for key, values in whole_numbers(CALLS[name]).items()
        if values.max() <= np.iinfo(kind).max
    }
    assert headline(CALLS[name](**fits)) == pytest.approx(headline(CALLS[name]()), rel=SAME)


def one_of_the_last_arm(call: Call) -> dict[str, Any]:
    arm = np.asarray(call.data["arm"]).astype(int)
    own = arm == arm.max()
    kept = np.flatnonzero(~own | (np.cumsum(own) == 1))
    return {
        key: np.asarray(values)[kept] if len(np.asarray(values)) == len(arm) else values
        for key, values in call.data.items()
    }


def limits_of(result: Any) -> tuple[float, float] | None:
    """The limits of a difference between arms, where a result is one."""
    low, high = getattr(result, "low", None), getattr(result, "high", None)
    return (low, high) if isinstance(low, float) and isinstance(high, float) else None


LIKELIHOOD = {"profiles.pool_profiles"}  # of events among people at risk: one person's share of the risk set is known
OTHER_ARM = {"adjusted_stays.still_there"}  # asked of the first arm, which holds everybody else


@pytest.mark.parametrize("name", [name for name, call in CALLS.items() if "arm" in call.data])
def test_one_person_in_an_arm_gives_no_limits_of_a_difference(name):
    try:
        found = CALLS[name](**one_of_the_last_arm(CALLS[name]))
    except NotEstimable:
        return
    assert limits_of(found) is None or name in LIKELIHOOD | OTHER_ARM
