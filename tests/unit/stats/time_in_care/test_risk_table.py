"""Counting who is at risk: against the definition said plainly, on dense, sparse and fractional calendars."""

import numpy as np
import pytest

from pipeline.stats.time_in_care.risk_table import CHUNK, risk_table


def slow_table(day, state, arm, entry, weight, arms, causes):
    """At risk and endings per day that occurs, by counting people one by one."""
    when = sorted(set(day) | {e for e in entry if e > 0})
    at_risk = [
        [
            sum(
                w for d, a, e, w in zip(day, arm, entry, weight, strict=True) if a == g and (e < t or e == 0) and t <= d
            )
            for g in range(arms)
        ]
        for t in when
    ]
    events = [
        [
            [
                sum(w for d, s, a, w in zip(day, state, arm, weight, strict=True) if d == t and s == c and a == g)
                for c in range(1, causes + 1)
            ]
            for g in range(arms)
        ]
        for t in when
    ]
    return when, at_risk, events


@pytest.mark.parametrize("unit", [1, 1_000_000, 0.25])  # every day a cell, days compressed, fractions of a day
@pytest.mark.parametrize("seed", range(4))
def test_risk_table_agrees_with_its_slow_twin(seed, unit):
    draw = np.random.default_rng(seed)
    n = 40
    day = draw.integers(2, 15, n) * unit
    entry = draw.integers(0, 2, n) * unit
    state, arm, weight = draw.integers(0, 4, n), draw.integers(0, 3, n), draw.uniform(0.5, 2, n)
    table = risk_table(day, state, arm=arm, entry=entry, weights=weight, kind="probability", arms=3, causes=3)
    when, at_risk, events = slow_table(
        day.tolist(), state.tolist(), arm.tolist(), entry.tolist(), weight.tolist(), 3, 3
    )
    assert table.day.tolist() == when
    assert table.at_risk == pytest.approx(np.array(at_risk), rel=1e-12, abs=1e-12)
    assert table.events == pytest.approx(np.array(events), rel=1e-12, abs=1e-12)


def test_long_columns_are_counted_in_pieces_and_nobody_is_lost():
    draw = np.random.default_rng(1)
    n = 2 * CHUNK + 17
    day, state, arm = draw.integers(0, 90, n), draw.integers(0, 3, n), draw.integers(0, 3, n)
    table = risk_table(day, state, arm=arm)
    for cause in (1, 2):
        counted = np.array(
            [[np.sum((day == t) & (arm == g) & (state == cause)) for g in range(3)] for t in (0, 45, 89)]
        )
        assert table.events[[0, 45, 89], :, cause - 1].tolist() == counted.tolist()
    assert table.people.sum() == n
    assert table.at_risk[0].sum() == n


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.uint8, np.uint64, np.float64])
def test_the_type_of_the_columns_does_not_matter(dtype):
    draw = np.random.default_rng(2)
    day, state, arm = draw.integers(0, 100, 500), draw.integers(0, 6, 500), draw.integers(0, 30, 500)
    wide = risk_table(day, state, arm=arm)
    same = risk_table(day.astype(dtype), state.astype(dtype), arm=arm.astype(dtype))
    assert (wide.events == same.events).all()
    assert (wide.at_risk == same.at_risk).all()


def test_nobody_left_at_risk_is_exactly_nobody_whatever_the_weights():
    # one person leaves on day 3 before the next enters on day 5
    table = risk_table([3, 9], [1, 1], entry=[0, 5], weights=[0.1, 0.7], kind="probability")
    assert table.day.tolist() == [3, 5, 9]
    assert table.at_risk[1, 0] == 0
    assert table.at_risk[:, 0] == pytest.approx([0.1, 0.0, 0.7], rel=1e-12)
