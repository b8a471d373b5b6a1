"""Each trap of the synthetic worlds on arrays: the careless answer falls in its stated band, the right one is right or
withheld."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from pipeline.choices.answered import Gate
from pipeline.errors import NotEstimable
from pipeline.measures.library import instruments
from pipeline.stats.robustness.noninferiority import judge
from pipeline.stats.sites import choose_inference
from pipeline.stats.strategies.strategies import clone_censor_weight
from pipeline.stats.strategies.strategy_risks import risk_difference
from pipeline.stats.time_in_care.incidence import aalen_johansen, incidence_at
from pipeline.stats.time_in_care.survival import at, kaplan_meier
from pipeline.stats.weighting.arm_means import ArmMeans, difference
from pipeline.stats.weighting.effects import augmented_means
from pipeline.stats.weighting.missing import delta_adjust, departures, stands
from pipeline.stats.weighting.propensity import multinomial_propensity
from pipeline.synthetic.courses import DOWN, NONE, READMISSION
from pipeline.synthetic.people import HOUSING, PAYERS, REFERRALS, SyntheticPeople
from pipeline.synthetic.population import Draw, draw
from pipeline.synthetic.records.scores import VISIT_NOISE, progress
from pipeline.synthetic.scenarios import SCENARIOS
from pipeline.synthetic.truth.answers import BAND, stored_truths
from pipeline.synthetic.truth.contrasts import TrueContrast
from pipeline.synthetic.truth.traps import FIRST_WEEKS, GRACE_DAYS
from pipeline.synthetic.world import IOP, RESIDENTIAL_OR_INPATIENT
from tests.reference.single_ways import crude_means
from tests.simulation import contrast_study, endings_study

PEOPLE = 12_000
SEEDS = (0, 1, 2)
PRIMARY = TrueContrast("C2", "phq9_day90", "iop", "inpatient", "difference")
TRACK = TrueContrast("C10", "pcl5_day90", "trauma track", "general track", "difference")
ALONE = 9  # the column of columns_of that is 1 for those without comparators
MARGIN = 1.0
PHQ9_SD = 5.5  # at the start, in these worlds


@dataclass(frozen=True)
class Asked:
    """A contrast as arrays, everybody at the sites that count: outcome (nan where not measured), arm, columns, site."""

    outcome: np.ndarray
    arm: np.ndarray
    columns: np.ndarray
    site: np.ndarray
    naive: float
    separable: bool
    method: str


@cache
def world(name: str, seed: int) -> Draw:
    return draw(PEOPLE, np.random.default_rng(seed), SCENARIOS[name])


def columns_of(people: SyntheticPeople) -> np.ndarray:
    """What is known on day 0, categories as flags."""
    groups = [
        (people.cssrs, 6),
        (people.payer, len(PAYERS)),
        (people.housing, len(HOUSING)),
        (people.referral, len(REFERRALS)),
    ]
    flags = [(codes[:, None] == np.arange(1, k)) for codes, k in groups]
    alone = people.high_risk & people.psychosis
    return np.column_stack(
        [
            people.phq9,
            people.gad7,
            people.whodas,
            people.age,
            people.prior_episodes,
            people.prior_24h,
            people.sud,
            people.trauma,
            people.psychosis,
            alone,
            *flags,
        ]
    ).astype(float)


def asked_of(drawn: Draw, outcome: np.ndarray, arm: np.ndarray, reference: np.ndarray) -> Asked:
    """The contrast of two groups of people (n,), at the sites with enough of both."""
    who = np.flatnonzero(arm | reference)
    y, a, place = outcome[who], arm[who].astype(int), drawn.people.site[who]
    choice = choose_inference(place, a, np.isfinite(y))
    rows = choice.rows if choice.separable else np.ones(len(who), dtype=bool)
    return Asked(
        y[rows],
        a[rows],
        columns_of(drawn.people)[who[rows]],
        place[rows],
        difference(crude_means(y, a)).estimate,
        choice.separable,
        choice.method,
    )


@cache
def primary(name: str, seed: int) -> Asked:
    """IOP against 24-hour care, improvement on the PHQ-9 at day 90."""
    drawn = world(name, seed)
    everyone = np.arange(PEOPLE)
    change = (drawn.people.phq9 - drawn.scores.phq9[everyone, drawn.level]).astype(float)
    measured = drawn.scores.measured[everyone, drawn.level]
    return asked_of(
        drawn, np.where(measured, change, np.nan), drawn.level == IOP, np.isin(drawn.level, RESIDENTIAL_OR_INPATIENT)
    )


@cache
def answer(name: str, seed: int) -> ArmMeans:
    asked = primary(name, seed)
    return augmented_means(asked.outcome, asked.arm, asked.columns, asked.site, inference=asked.method)


def band(name: str, question: TrueContrast, people: int = PEOPLE) -> tuple[float, float]:
    """Where the careless answer of a study of that size is expected."""
    row = stored_truths(SCENARIOS[name])[question]
    half = BAND * (float(row["naive_variance"]) / people) ** 0.5
    return float(row["naive_low"]) - half, float(row["naive_high"]) + half


def true(name: str, question: TrueContrast = PRIMARY) -> float:
    return float(stored_truths(SCENARIOS[name])[question]["value"])


# ---------- confounding by indication ----------


@pytest.mark.parametrize("name", ["default", "null", "floor", "mnar", "site_is_level"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_careless_difference_falls_in_its_band(name, seed):
    low, high = band(name, PRIMARY)
    assert low <= primary(name, seed).naive <= high


@pytest.mark.parametrize("name", ["default", "null", "floor"])
def test_similar_people_give_the_truth_where_the_careless_difference_does_not(name):
    found = [difference(answer(name, seed)) for seed in SEEDS]
    assert (
        abs(np.mean([one.estimate for one in found]) - true(name))
        <= 3 * (np.mean([one.se**2 for one in found]) / len(SEEDS)) ** 0.5
    )
    assert sum(one.low <= true(name) <= one.high for one in found) >= len(SEEDS) - 1
    assert all(
        abs(primary(name, seed).naive - true(name)) > 3 * one.se
        for seed, one in zip(SEEDS, found, strict=True)
        if one.se < 0.2
    )


def test_where_nothing_differs_the_null_is_not_called_better_or_worse():
    verdicts = [judge(one.low, one.high, MARGIN) for one in (difference(answer("null", seed)) for seed in SEEDS)]
    assert "better" not in verdicts
    assert "worse by more than the margin" not in verdicts


def test_a_known_effect_of_four_points_is_found():
    for seed in SEEDS:
        drawn, everyone = world("known_effect", seed), np.arange(PEOPLE)
        people = drawn.people
        case = (drawn.level == IOP) & people.trauma & (people.pcl5 >= float(instruments()["PCL5"]["caseness_cut"]))
        after = drawn.scores.pcl5_by_track[everyone, people.trauma_track.astype(int)]
        change = np.where(drawn.scores.measured[:, IOP], (people.pcl5 - after).astype(float), np.nan)
        asked = asked_of(drawn, change, case & people.trauma_track, case & ~people.trauma_track)

        found = difference(augmented_means(asked.outcome, asked.arm, asked.columns, asked.site, inference=asked.method))
        low, high = band("known_effect", TRACK)
        assert low <= asked.naive <= high
        assert found.p < 0.05


# ---------- level and site, and people without comparators ----------


@pytest.mark.parametrize("seed", SEEDS)
def test_one_level_at_every_site_is_withheld(seed):
    asked = primary("site_is_level", seed)
    assert not asked.separable
    assert asked.method == "none"


@pytest.mark.parametrize("seed", SEEDS)
def test_people_whom_only_a_hospital_takes_are_refused_alone_and_weigh_nothing_among_others(seed):
    drawn = world("default", seed)
    alone = drawn.people.high_risk & drawn.people.psychosis & drawn.world.offered[drawn.people.site, IOP]
    rows = np.flatnonzero(alone & np.isin(drawn.level, [IOP, *RESIDENTIAL_OR_INPATIENT]))
    with pytest.raises(NotEstimable, match="only one arm"):
        multinomial_propensity(columns_of(drawn.people)[rows], (drawn.level[rows] == IOP).astype(int))
    asked, means = primary("default", seed), answer("default", seed)
    theirs = asked.columns[:, ALONE] == 1
    assert theirs.mean() > 0.005
    assert means.tilt[theirs].sum() < 0.05 * theirs.mean() * means.tilt.sum()


# ---------- outcomes that are not measured ----------


@pytest.mark.parametrize("seed", SEEDS)
def test_when_the_unmeasured_are_worse_the_answer_for_similar_people_is_wrong_and_the_shift_brackets_the_truth(seed):
    means = answer("mnar", seed)
    as_measured = difference(means)
    assert abs(as_measured.estimate - true("mnar")) > 2 * as_measured.se
    shifted = {shift: difference(delta_adjust(means, shift)) for shift in ((3.0, 3.0), (0.0, 3.0), (3.0, 0.0))}
    right = shifted[3.0, 3.0]
    assert right.low <= true("mnar") <= right.high
    assert shifted[0.0, 3.0].estimate < true("mnar") < shifted[3.0, 0.0].estimate


@pytest.mark.parametrize("seed", SEEDS)
def test_a_claim_of_not_worse_does_not_survive_the_shifts_of_the_gate(seed):
    means = answer("mnar", seed)
    found = difference(means)
    if judge(found.low, found.high, MARGIN) == "not worse by more than the margin":
        shifts = departures([PHQ9_SD * one for one in Gate().delta_alike], MARGIN, arms=2)
        assert not stands(means, lambda one: one.low > -MARGIN, shifts)
    else:
        assert found.low < -MARGIN or found.low > 0


# ---------- being measured more often, immortal time, competing endings ----------


@pytest.mark.parametrize("seed", SEEDS)
def test_one_schedule_for_both_finds_no_difference_where_counting_every_score_does(seed):
    question = TrueContrast("C3", "reliable_phq9_day90", "iop", "outpatient", "risk_difference", day=FIRST_WEEKS)
    drawn, rng = world("assessment_frequency", seed), np.random.default_rng(seed)
    scenario, reliable = drawn.scenario, float(instruments()["PHQ9"]["rci_default"])
    ever, once = np.full(PEOPLE, np.nan), np.full(PEOPLE, np.nan)
    for level in (IOP, 0):
        here = drawn.level == level
        change = (drawn.people.phq9 - drawn.scores.phq9[:, level])[here]

        def seen(day, change=change, level=level):
            noise = VISIT_NOISE * rng.normal(size=len(change))
            return np.rint(change * progress(np.array(day), scenario.settle[level]) + noise) >= reliable

        every = scenario.score_every[level]
        ever[here] = np.any([seen(day) for day in range(every, FIRST_WEEKS + 1, every)], axis=0)
        once[here] = seen(FIRST_WEEKS)
    careless = asked_of(drawn, ever, drawn.level == IOP, drawn.level == 0)
    low, high = band("assessment_frequency", question)
    assert low <= careless.naive <= high
    fair = asked_of(drawn, once, drawn.level == IOP, drawn.level == 0)
    found = difference(augmented_means(fair.outcome, fair.arm, fair.columns, fair.site, inference=fair.method))
    assert found.low <= true("assessment_frequency", question) <= found.high or abs(found.estimate) < 0.03
    assert abs(found.estimate) < careless.naive / 4


@pytest.mark.parametrize(("horizon", "about"), [(30, (0.50, 0.70)), (90, (0.75, 0.97))])
def test_immortal_time_is_taken_out_by_cloning(horizon, about):
    drawn = draw(40_000, np.random.default_rng(5), SCENARIOS["immortal_time"])
    courses, left = drawn.courses(), np.isin(drawn.level, RESIDENTIAL_OR_INPATIENT)
    away = courses.last[left, 0]
    back = np.where(courses.level[left, READMISSION] != NONE, courses.start[left, READMISSION] - away, 10**6)
    start = np.where(courses.level[left, DOWN] == IOP, courses.start[left, DOWN] - away, 10**6)
    day, cause = np.minimum(back, horizon), (back <= horizon).astype(int)
    begun = start <= GRACE_DAYS
    rates = [cause[who].sum() / day[who].sum() for who in (begun, ~begun)]
    assert about[0] < rates[0] / rates[1] < about[1]
    changed = np.where(start < day, start, -1)
    x = np.column_stack(
        [columns_of(drawn.people)[left], drawn.level[left]]
    )  # who left which level comes back more, and goes on less
    found = risk_difference(
        clone_censor_weight(
            day, cause, changed, x, grace=GRACE_DAYS, horizon=horizon, draws=40, rng=np.random.default_rng(1)
        ),
        horizon,
    )
    assert abs(found.estimate) <= 3 * found.se
    assert abs(found.estimate) < 0.03


def test_one_minus_kaplan_meier_overstates_dropout_where_others_complete():
    scenario = contrast_study.Scenario(4000, 12, 2, 0.0)
    stays = endings_study.draw_stays(scenario, np.random.default_rng(6))
    truth = endings_study.true_curves(scenario)["weighted_incidence"]
    for arm in (0, 1):
        here = stays.people.arm == arm
        day, cause = stays.day[here], stays.cause[here]
        naive = 1 - float(at(kaplan_meier(day, cause == endings_study.DROPOUT), [endings_study.HORIZON]).estimate[0])
        right = float(incidence_at(aalen_johansen(day, cause), [endings_study.HORIZON]).estimate[0, 0])
        assert naive > truth[arm] + 0.05
        assert right == pytest.approx(truth[arm], abs=0.04)
