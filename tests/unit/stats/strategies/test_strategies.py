"""Clone-censor-weight: six patients by hand, R on clones written out, plain Aalen-Johansen, and simulated truths."""

import csv
from fractions import Fraction

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.hazards.cox import cox
from pipeline.stats.strategies.pooled_logistic import Waiting, fit_hazard
from pipeline.stats.strategies.strategies import NOT, clone_censor_weight, landmark
from pipeline.stats.strategies.strategy_risks import incidence_se, risk, risk_difference, risk_ratio
from pipeline.stats.time_in_care.incidence import aalen_johansen, incidence_at
from tests.reference.written import HERE, numbers, written

EXACT = 1e-8  # both solve the same likelihood to a gradient of 1e-8 and add up the same fractions
NONE = np.zeros((6, 0))
# Six patients after discharge; grace: start on day 0, 1 or 2.  cause 1 readmitted, 2 died, 0 observation stopped.
# starts on day 0, back on 4; starts 2, lost 6; back on 1 before any start; starts on 3, too late; never, back on 3;
# starts 1, dies on 5
DAY, CAUSE, START = [4, 6, 1, 6, 3, 5], [1, 0, 1, 0, 1, 2], [0, 2, -1, 3, -1, 1]


def six(**more):
    return clone_censor_weight(DAY, CAUSE, START, NONE, grace=2, horizon=6, **more)


def test_six_patients_by_hand_the_hazards_of_starting():
    """Day 0: 1 of 6 starts; day 1: 1 of 4, since patient 3 is back in the hospital; day 2: 1 of 3. Not started: 5/6,
    5/8, 5/12."""
    assert six().chance == pytest.approx([float(1 - Fraction(5, 6) * Fraction(3, 4) * Fraction(2, 3))] * 6, rel=EXACT)


def test_six_patients_by_hand_the_weights():
    """Started: 1/(7/12). Not started: 12/5 at the end. Patient 3 ends on day 1 in both: 1/(5/6), and (5/6 - 5/12)/(7/12
    · 5/6)."""
    not_started, started = six().weights.T
    assert not_started == pytest.approx([0, 0, 6 / 5, 12 / 5, 12 / 5, 0], rel=EXACT)
    assert started == pytest.approx([12 / 7, 12 / 7, 6 / 7, 0, 0, 12 / 7], rel=EXACT, abs=1e-12)


def test_six_patients_by_hand_whoever_is_back_before_starting_counts_in_both_strategies():
    """Day 1: 6/5 of 6 = 5 · 6/5 without a start; 6/7 of 6 = 12/7 + 5 · 6/7 with one."""
    found = six()
    assert found.at_risk[1] == pytest.approx([6, 6], rel=EXACT)
    assert found.incidence[1, :, 0] == pytest.approx([1 / 5, 1 / 7], rel=EXACT)
    assert found.followed[1].tolist() == [5, 6]
    assert found.ended[1, :, 0].tolist() == [1, 1]


def test_six_patients_by_hand_the_curves():
    """Without a start: patient 5 is one of two on day 3: 1/5 + 4/5 · 1/2. With one: patient 1 of three on day 4, then
    patient 6 of two."""
    found = six()
    assert found.incidence[:, 0, 0] == pytest.approx([0, 1 / 5, 1 / 5, 3 / 5, 3 / 5, 3 / 5, 3 / 5], rel=EXACT)
    assert found.incidence[:, 1, 0] == pytest.approx([0, 1 / 7, 1 / 7, 1 / 7, 3 / 7, 3 / 7, 3 / 7], rel=EXACT)
    assert found.incidence[-1, :, 1] == pytest.approx(
        [0, float(Fraction(6, 7) * Fraction(2, 3) * Fraction(1, 2))], rel=EXACT
    )
    assert found.ended[-1].tolist() == [[2, 0], [2, 1]]
    assert found.largest == pytest.approx([12 / 5, 12 / 7], rel=EXACT)
    assert found.n == 6


def test_who_starts_and_is_back_on_one_day_started_first():
    at_once = clone_censor_weight([2, *DAY[1:]], CAUSE, [2, *START[1:]], NONE, grace=2, horizon=6)
    a_day_later = clone_censor_weight([3, *DAY[1:]], CAUSE, [2, *START[1:]], NONE, grace=2, horizon=6)
    assert at_once.incidence == pytest.approx(a_day_later.incidence, rel=EXACT, abs=1e-12)


def reference_people():
    with open(HERE / "strategies_people.csv", encoding="utf-8") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


CASES = {
    "no covariates": ((), {"grace": 12}),
    "covariates": (("x1", "x2"), {"grace": 12}),
    "sites": (("x1", "x2"), {"grace": 12, "site": True}),
    "weekly": (("x1", "x2"), {"grace": 13, "width": 7}),
    "counts": (("x1", "x2"), {"grace": 12, "weights": True}),
    "cut at 2": (("x1",), {"grace": 12, "max_weight": 2.0}),
    "short grace": (("x1",), {"grace": 4}),
    "landmark": (("x1", "x2"), {}),
}


@pytest.mark.parametrize("case", CASES)
def test_r_on_clones_written_out_day_by_day_gives_the_same(case):
    terms, how = CASES[case]
    p = reference_people()
    x = np.column_stack([p[name] for name in terms]) if terms else np.zeros((len(p["day"]), 0))
    how = how | {name: p[column] for name, column in (("site", "site"), ("weights", "count")) if name in how}
    if case == "landmark":
        found = landmark(p["day"], p["cause"], p["start"], x, at=12, horizon=37)
        assert found.dropped == (p["day"] <= 12).sum() > 0
    else:
        found = clone_censor_weight(p["day"], p["cause"], p["start"], x, horizon=30, **how)
    for row in written("strategies"):
        if (row.case, row.quantity) == (case, "incidence"):
            got = found.incidence[int(row.day) - found.day[0], row.arm, row.cause - 1]
            assert got == pytest.approx(row.value, rel=EXACT, abs=1e-12), row
    assert np.average(found.chance, weights=None) == pytest.approx(
        numbers("strategies", case, "chance")[1][0], rel=EXACT
    )
    arms, largest = numbers("strategies", case, "largest")
    if case == "cut at 2":
        assert (found.weights.max(axis=0) == 2).all()
        assert ((found.truncated > 0) & (found.largest > 2)).all()
    elif case != "counts":
        assert found.largest == pytest.approx(largest[np.argsort(arms)], rel=EXACT)


def changed_at_once(n=400, seed=3):
    rng = np.random.default_rng(seed)
    cause = rng.choice([0, 1, 2], n, p=[0.3, 0.5, 0.2])
    return rng.integers(1, 40, n), cause, np.where(rng.random(n) < 0.4, 0, -1)


def test_where_nobody_can_deviate_it_is_the_plain_aalen_johansen_of_each_group():
    day, cause, changed = changed_at_once()
    found = clone_censor_weight(day, cause, changed, np.zeros((400, 0)), grace=0, horizon=30)
    for strategy, own in enumerate((changed < 0, changed == 0)):
        plain = incidence_at(aalen_johansen(day[own], cause[own], causes=2), np.arange(31))
        assert found.incidence[:, strategy] == pytest.approx(plain.estimate, rel=EXACT, abs=1e-14)


def test_there_the_draws_have_the_standard_error_of_aalen_johansen():
    day, cause, changed = changed_at_once()
    found = clone_censor_weight(
        day, cause, changed, np.zeros((400, 0)), grace=0, horizon=30, draws=600, rng=np.random.default_rng(0)
    )
    plain = [aalen_johansen(day[own], cause[own], causes=2) for own in (changed < 0, changed == 0)]
    expected = [incidence_at(one, np.array([20])).se[0, 0] for one in plain]
    assert incidence_se(found)[20, :, 0] == pytest.approx(
        expected, rel=0.12
    )  # 600 draws: an SE of 3 % of the SD, and n is finite
    assert risk_difference(found, 20).se == pytest.approx(np.hypot(*expected), rel=0.12)


def confounded(n, seed, horizon, effect):
    """Days to readmission (hazard higher for the severe), step-down planned 4 to 14 days after discharge, more often
    for the severe."""
    rng = np.random.default_rng(seed)
    severe = rng.random(n) < 0.5
    planned = np.where(rng.random(n) < np.where(severe, 0.75, 0.45), 4 + rng.integers(0, 11, n), 10**6)
    rate = np.where(severe, 0.012, 0.006)
    before = rng.exponential(1 / rate)
    after = planned + rng.exponential(1 / (rate * effect))
    exact = np.where(before < planned, before, after)
    day = np.ceil(np.minimum(exact, horizon + 0.5)).astype(int)
    return (
        severe,
        np.where(exact <= horizon, day, horizon),
        (exact <= horizon).astype(int),
        np.where(planned < day, planned, -1),
    )


def naive_hazard_ratio(day, cause, started):
    return float(np.exp(cox(day, cause == 1, (started >= 0).astype(float)[:, None]).coefficients[0]))


def test_a_true_null_is_found_null_where_counting_from_day_0_sees_protection():
    """Immortal time alone, no confounding: whoever lives to start looks protected."""
    rng = np.random.default_rng(5)
    n = 30_000
    planned = np.where(rng.random(n) < 0.5, 4 + rng.integers(0, 7, n), 10**6)
    exact = rng.exponential(200, n)
    ratios = {}
    for horizon in (30, 90):
        day = np.ceil(np.minimum(exact, horizon)).astype(int)
        cause = (exact <= horizon).astype(int)
        started = np.where(planned < day, planned, -1)
        ratios[horizon] = naive_hazard_ratio(day, cause, started)
        found = clone_censor_weight(day, cause, started, np.zeros((n, 0)), grace=14, horizon=horizon, draws=60, rng=rng)
        difference = risk_difference(found, horizon)
        assert abs(difference.estimate) < 3 * difference.se
        assert difference.se < 0.01
    assert 0.52 < ratios[30] < 0.68  # about .60
    assert 0.76 < ratios[90] < 0.90  # about .82


def test_a_real_effect_is_found_under_confounding_by_severity():
    """Truth: the same world with everybody made to start on a day that starters had, and with nobody starting."""
    severe, day, cause, started = confounded(60_000, 1, 30, effect=0.5)
    rng = np.random.default_rng(2)
    n = 1_000_000
    ill = rng.random(n) < 0.5
    rate, begin = np.where(ill, 0.012, 0.006), 4 + rng.integers(0, 11, n)
    without, before = (1 - np.exp(-30 * rate)).mean(), rng.exponential(1 / rate)
    under = np.where(before < begin, before, begin + rng.exponential(1 / (rate * 0.5)))
    truth = (under <= 30).mean() - without
    found = clone_censor_weight(
        day, cause, started, severe[:, None].astype(float), grace=14, horizon=30, draws=60, rng=rng
    )
    difference = risk_difference(found, 30)
    assert difference.estimate == pytest.approx(truth, abs=3 * difference.se)
    assert difference.high < 0
    unadjusted = clone_censor_weight(day, cause, started, np.zeros((60_000, 0)), grace=14, horizon=30)
    crude = unadjusted.incidence[30, 1, 0] - unadjusted.incidence[30, 0, 0]
    assert crude > difference.estimate + 3 * difference.se  # the severe start more often


def stayed(n, seed, at_least=0):
    """Days 1 to 60 of care: the severe leave sooner, and leaving doubles the daily chance of an admission from .004 to
    .008."""
    rng = np.random.default_rng(seed)
    severe = rng.random(n) < 0.4
    left, day, ended = np.full(n, -1), np.full(n, 60), np.zeros(n, dtype=int)
    for d in range(1, 61):
        event = (ended == 0) & (rng.random(n) < np.where(left >= 0, 0.008, 0.004) * np.where(severe, 2, 1))
        day[event], ended[event] = d, 1
        leaves = (ended == 0) & (left < 0) & (rng.random(n) < np.where(severe, 0.03, 0.01)) & (d >= at_least)
        left[leaves] = d
    return severe, day, ended, left


def test_staying_at_least_four_weeks_is_the_strategy_without_a_change_while_leaving_is_the_change():
    severe, day, cause, left = stayed(40_000, 1)
    _, _, truth, _ = stayed(400_000, 2, at_least=28)
    found = clone_censor_weight(
        day,
        cause,
        left,
        severe[:, None].astype(float),
        grace=27,
        horizon=60,
        width=7,
        draws=40,
        rng=np.random.default_rng(0),
    )
    answer = risk(found, NOT, 60)
    assert answer.estimate == pytest.approx(truth.mean(), abs=3 * answer.se)
    assert found.largest[NOT] < 3
    assert cause.mean() > answer.estimate + 3 * answer.se  # as it was, many left sooner


def test_the_order_of_people_and_copies_as_counts_change_nothing():
    p = reference_people()
    x = p["x1"][:, None]
    order = np.random.default_rng(0).permutation(len(x))
    one = clone_censor_weight(p["day"], p["cause"], p["start"], x, grace=12, horizon=30, weights=p["count"])
    other = clone_censor_weight(
        p["day"][order], p["cause"][order], p["start"][order], x[order], grace=12, horizon=30, weights=p["count"][order]
    )
    assert one.incidence == pytest.approx(other.incidence, rel=EXACT, abs=1e-12)
    copies = np.repeat(np.arange(len(x)), p["count"].astype(int))
    spelled = clone_censor_weight(
        p["day"][copies], p["cause"][copies], p["start"][copies], x[copies], grace=12, horizon=30
    )
    assert one.incidence == pytest.approx(spelled.incidence, rel=EXACT, abs=1e-12)
    assert one.n == spelled.n
    assert (np.diff(one.incidence, axis=0) >= 0).all()


def test_the_same_seed_gives_the_same_draws_and_sites_can_be_drawn_whole():
    p = reference_people()

    def drawn(unit, seed):
        return clone_censor_weight(
            p["day"],
            p["cause"],
            p["start"],
            p["x1"][:, None],
            grace=12,
            horizon=30,
            site=p["site"],
            draws=40,
            unit=unit,
            rng=np.random.default_rng(seed),
        ).draws

    assert (drawn("people", 1) == drawn("people", 1)).all()
    assert not np.allclose(drawn("people", 1), drawn("people", 2))
    assert (
        len(np.unique(drawn("sites", 1)[:, 30, 1, 0].round(9))) <= 10
    )  # three sites drawn three times: ten different samples


def test_a_draw_is_the_exact_refit():
    """The warm-started refit beside the whole estimator on people written out as often as they were drawn."""
    p = reference_people()
    rng = np.random.default_rng(4)
    found = clone_censor_weight(
        p["day"], p["cause"], p["start"], p["x1"][:, None], grace=12, horizon=30, draws=3, rng=rng
    )
    again = np.random.default_rng(4)
    for drawn in found.draws:
        rows = np.repeat(np.arange(320), again.multinomial(320, np.full(320, 1 / 320)))
        exact = clone_censor_weight(
            p["day"][rows], p["cause"][rows], p["start"][rows], p["x1"][rows, None], grace=12, horizon=30
        )
        assert drawn == pytest.approx(exact.incidence, abs=1e-5)  # a hundredth of the standard error is 3e-4


def test_ratio_and_risks_carry_the_spread_of_the_draws():
    p = reference_people()
    found = clone_censor_weight(
        p["day"],
        p["cause"],
        p["start"],
        p["x1"][:, None],
        grace=12,
        horizon=30,
        draws=100,
        rng=np.random.default_rng(1),
    )
    a, b = risk(found, 1, 20), risk(found, 0, 20)
    assert risk_ratio(found, 20).estimate == pytest.approx(a.estimate / b.estimate)
    assert risk_difference(found, 20).estimate == pytest.approx(a.estimate - b.estimate)
    assert a.low < a.estimate < a.high
    wide, narrow = risk_difference(found, 20, level=0.99), risk_difference(found, 20)
    assert wide.high > narrow.high


def test_separated_people_get_a_ridge_that_is_named():
    p = reference_people()
    never = (p["start"] < 0) & (p["x2"] == 1)
    found = clone_censor_weight(p["day"], p["cause"], p["start"], never.astype(float)[:, None], grace=12, horizon=30)
    assert "ridge" in found.note
    assert np.isfinite(found.incidence).all()


def test_one_exception_in_ten_million_is_far_away_and_no_separation():
    many = Waiting(np.array([[1.0], [1], [0], [0]]), np.zeros(4, int), np.tile([True, False], 2), np.zeros(1, int))
    found = fit_hazard(many, np.array([1e7, 1, 5e6, 5e6]))
    assert found.penalty is None
    assert found.coefficients == pytest.approx(np.log(1e7))


DEGENERATE = {
    "nobody": (([], [], [], np.zeros((0, 1))), {}, "nobody was observed"),
    "days that are no whole numbers": ((np.add(DAY, 0.5), CAUSE, START, NONE), {}, "whole numbers"),
    "missing days": (([np.nan, *DAY[1:]], CAUSE, START, NONE), {}, "whole numbers"),
    "days before time zero": (([-1, *DAY[1:]], CAUSE, START, NONE), {}, "count from 0"),
    "infinite covariates": ((DAY, CAUSE, START, np.full((6, 1), np.inf)), {}, "missing or infinite"),
    "nobody changes": ((DAY, CAUSE, [-1] * 6, NONE), {}, "nobody changes within the grace period"),
    "changes only after the grace period": ((DAY, CAUSE, [3, 3, -1, 3, 3, 3], NONE), {}, "nobody changes"),
    "everybody changes at once": (
        (DAY, CAUSE, [0] * 6, NONE),
        {},
        "did not converge|no finite|nobody left|lie on one side",
    ),
    "grace beyond the horizon": ((DAY, CAUSE, START, NONE), {"grace": 9}, "end before the horizon"),
    "different numbers of rows": ((DAY, CAUSE[:5], START, NONE), {}, "different numbers of rows"),
    "zero weights": ((DAY, CAUSE, START, NONE), {"weights": [0] * 6}, "count identical people"),
    "shares as weights": ((DAY, CAUSE, START, NONE), {"weights": [0.5] * 6}, "count identical people"),
    "a cut below one": ((DAY, CAUSE, START, NONE), {"max_weight": 0.5}, "larger max_weight"),
    "a cause beyond the number of causes": ((DAY, CAUSE, START, NONE), {"causes": 1}, "number them from 1"),
    "draws without a generator": ((DAY, CAUSE, START, NONE), {"draws": 10}, "pass rng"),
    "draws of six people": (
        (DAY, CAUSE, START, NONE),
        {"draws": 100, "rng": np.random.default_rng(0)},
        "could not be estimated",
    ),
    "nobody followed to the horizon": (
        ([3, 2, 1, 3, 2, 2], [0] * 6, [0, 2, -1, -1, -1, 1], NONE),
        {},
        "nobody left who follows it",
    ),
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_what_cannot_be_estimated_says_why_and_what_would_help(case):
    given, how, words = DEGENERATE[case]
    with pytest.raises(NotEstimable, match=words):
        clone_censor_weight(*given, **({"grace": 2, "horizon": 6} | how))


def test_constant_and_repeated_covariates_are_left_out():
    p = reference_people()
    x = p["x1"]
    plain = clone_censor_weight(p["day"], p["cause"], p["start"], x[:, None], grace=12, horizon=30)
    more = clone_censor_weight(
        p["day"], p["cause"], p["start"], np.column_stack([x, np.ones_like(x), 2 * x]), grace=12, horizon=30
    )
    assert more.incidence == pytest.approx(plain.incidence, rel=EXACT, abs=1e-12)


def test_no_events_is_a_risk_of_zero_without_a_ratio():
    p = reference_people()
    found = clone_censor_weight(
        p["day"],
        np.zeros(320, dtype=int),
        p["start"],
        p["x1"][:, None],
        grace=12,
        horizon=20,
        draws=20,
        rng=np.random.default_rng(0),
    )
    assert (found.incidence == 0).all()
    with pytest.raises(NotEstimable, match="report the difference"):
        risk_ratio(found, 20)
    with pytest.raises(NotEstimable, match="no usable standard error"):
        risk_difference(found, 20)


def test_a_landmark_beyond_everybody_and_a_day_beyond_the_curves_are_refused():
    with pytest.raises(NotEstimable, match="earlier day"):
        landmark(DAY, CAUSE, START, NONE, at=6, horizon=8)
    with pytest.raises(NotEstimable, match="longer horizon"):
        risk(six(), 0, 7)
    with pytest.raises(NotEstimable, match="no draws were asked for"):
        incidence_se(six())
