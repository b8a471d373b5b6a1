"""People, the choice of level, and potential outcomes."""

import numpy as np
import pytest

from pipeline.synthetic.choice import propensity, without_comparators
from pipeline.synthetic.outcomes import PHQ9, after
from pipeline.synthetic.population import draw
from pipeline.synthetic.scenarios import DEFAULT, SCENARIOS

# PHQ-9 mean and share with C-SSRS 4 or 5 by level: the targets of the domain specification
BASELINE = {"OP": (13.5, 0.03), "IOP": (15.5, 0.06), "PHP": (17.0, 0.14), "RES": (16.5, 0.12), "IP": (18.5, 0.45)}


@pytest.fixture(scope="module")
def drawn():
    return draw(60_000, np.random.default_rng(1), DEFAULT)


def test_the_same_seed_draws_the_same_people():
    first, second = (draw(500, np.random.default_rng(7), DEFAULT) for _ in range(2))
    assert (first.people.phq9 == second.people.phq9).all()
    assert (first.scores.pcl5 == second.scores.pcl5).all()
    assert (first.luck == second.luck).all()


def test_scores_stay_inside_their_scales(drawn):
    people = drawn.people
    for score, highest in (
        (people.phq9, 27),
        (people.gad7, 21),
        (people.pcl5, 80),
        (people.whodas, 48),
        (people.cssrs, 5),
        (drawn.scores.phq9, 27),
        (drawn.scores.gad7, 21),
        (drawn.scores.pcl5, 80),
    ):
        assert score.min() >= 0
        assert score.max() <= highest
    assert people.age.min() >= 18


@pytest.mark.parametrize(("position", "level"), list(enumerate(BASELINE)))
def test_people_at_each_level_start_about_as_ill_as_published(drawn, position, level):
    here = drawn.level == position
    phq9, risk = BASELINE[level]
    assert drawn.people.phq9[here].mean() == pytest.approx(phq9, abs=0.9)
    assert drawn.people.phq9[here].std() == pytest.approx(5.3, abs=0.6)
    assert drawn.people.high_risk[here].mean() == pytest.approx(risk, abs=0.04)


def test_trauma_is_as_common_as_in_mixed_programs(drawn):
    assert 0.35 < drawn.people.trauma.mean() < 0.50


def test_propensities_are_probabilities_and_zero_where_a_site_lacks_the_level(drawn):
    assert drawn.chances.sum(axis=1) == pytest.approx(np.ones(60_000))
    assert (drawn.chances[~drawn.world.offered[drawn.people.site]] == 0).all()
    assert (drawn.chances[np.arange(60_000), drawn.level] > 0).all()


def test_levels_are_chosen_as_often_as_the_propensity_says(drawn):
    for level in range(5):
        expected, seen = drawn.chances[:, level].sum(), (drawn.level == level).sum()
        assert seen == pytest.approx(expected, abs=4 * np.sqrt(expected))


def test_psychosis_with_high_suicide_risk_goes_to_hospital_alone(drawn):
    alone = without_comparators(drawn.people, drawn.world)
    assert alone.sum() > 100
    assert (drawn.chances[alone, 4] == 1).all()
    assert (drawn.level[alone] == 4).all()


def test_propensity_depends_on_nothing_but_what_was_measured_on_day_zero(drawn):
    people = drawn.people
    again = propensity(people, drawn.world)
    assert (again == drawn.chances).all()
    residual = (drawn.level == 4) - drawn.chances[:, 4]
    assert abs(np.corrcoef(residual, people.hardship)[0, 1]) < 4 / np.sqrt(60_000)


def test_a_natural_course_never_makes_worse_and_grows_with_the_baseline():
    baseline = np.array([0, 10, 20])
    scores = after(baseline, PHQ9, np.zeros((3, 1)), np.zeros(3))[:, 0]
    assert scores.tolist() == [0, 7, 13]  # 4.5 + 0.35 x (10 - 13.5) = 3.3 -> 6.7; 4.5 + 0.35 x 6.5 = 6.8 -> 13.2


def test_in_the_null_world_iop_and_24_hour_care_do_exactly_the_same():
    scores = draw(2000, np.random.default_rng(2), SCENARIOS["null"]).scores
    assert (scores.phq9[:, [3, 4]] == scores.phq9[:, [1]]).all()
    assert (scores.gad7[:, [3, 4]] == scores.gad7[:, [1]]).all()


def test_those_not_measured_did_worse_only_where_the_scenario_says_so():
    def worse(name):
        drawn = draw(60_000, np.random.default_rng(3), SCENARIOS[name])
        here, measured = drawn.scores.phq9[:, 1], drawn.scores.measured[:, 1]
        return here[~measured].mean() - here[measured].mean()

    assert worse("mnar") - worse("default") == pytest.approx(2.7, abs=0.3)  # 3 points, less what the floor of 0 takes


def test_the_trauma_track_improves_pcl5_within_iop_alone(drawn):
    general, track = drawn.scores.pcl5_by_track.T
    assert (general - track).mean() == pytest.approx(DEFAULT.trauma_track, abs=0.2)
    inside = drawn.people.trauma_track
    assert (drawn.scores.pcl5[inside, 1] == track[inside]).all()
    assert (drawn.scores.pcl5[~inside, 1] == general[~inside]).all()


def test_the_floor_scenario_has_more_people_without_room_to_improve(drawn):
    floor = draw(20_000, np.random.default_rng(4), SCENARIOS["floor"])
    assert (floor.people.phq9 < 5).mean() - (drawn.people.phq9 < 5).mean() == pytest.approx(0.145, abs=0.015)
