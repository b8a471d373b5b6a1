"""The world: what stays the same whoever comes."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.errors import UsageError
from pipeline.stats.weighting.clusters import shared_variance
from pipeline.synthetic.population import draw
from pipeline.synthetic.scenarios import SCENARIOS, scenario_named
from pipeline.synthetic.world import world_of

NAMES = (
    "default",
    "routine",
    "well_measured",
    "null",
    "known_effect",
    "immortal_time",
    "mnar",
    "relapse_unseen",
    "therapists",
    "assessment_frequency",
    "site_is_level",
    "floor",
)


def test_the_named_scenarios_exist():
    assert tuple(SCENARIOS) == NAMES


def test_an_unknown_scenario_is_refused_with_the_known_names():
    with pytest.raises(UsageError, match="immortal_time"):
        scenario_named("defualt")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("site_is_level", "therapists")])
def test_at_least_nine_of_twelve_sites_offer_iop_and_a_24_hour_level(name):
    offered = world_of(SCENARIOS[name]).offered
    assert offered.shape == (12, 5)
    assert set(offered.sum(axis=1)) <= {2, 3, 4, 5}
    assert (offered[:, 1] & offered[:, 3:].any(axis=1)).sum() >= 9


def test_where_site_is_level_no_site_offers_two_arms():
    offered = world_of(SCENARIOS["site_is_level"]).offered
    arms = np.column_stack([offered[:, 0], offered[:, 1], offered[:, 3:].any(axis=1)])
    assert (arms.sum(axis=1) == 1).all()
    assert arms.sum(axis=0).tolist() == [4, 4, 4]


def test_sites_that_do_better_lean_to_other_levels():
    world = world_of(SCENARIOS["default"])
    assert np.corrcoef(world.quality, world.leaning[:, 1] - world.leaning[:, 0])[0, 1] > 0.3


def test_therapists_differ_within_a_program_and_not_on_average():
    world = world_of(SCENARIOS["default"])
    assert world.therapist.mean(axis=2) == pytest.approx(np.zeros((12, 5)), abs=1e-12)
    assert world.therapist.std(axis=2) == pytest.approx(np.full((12, 5), 1.3))


@pytest.mark.parametrize("sites", [1, 6, 60])
def test_simulation_studies_can_ask_for_another_number_of_sites(sites):
    scenario = replace(SCENARIOS["default"], sites=sites)
    drawn = draw(500, np.random.default_rng(1), scenario)
    assert drawn.world.offered.shape == (sites, 5)
    assert drawn.people.site.max() < sites
    assert np.isfinite(drawn.chances).all()
    assert (drawn.world.offered[:, 1] & drawn.world.offered[:, 3:].any(axis=1)).sum() >= 0.7 * sites


def test_where_therapists_matter_a_study_has_its_own_and_their_mean_is_luck():
    scenario = replace(SCENARIOS["therapists"], site_sd=0.0)
    means = [draw(10, np.random.default_rng(seed), scenario).world.therapist[0, 1].mean() for seed in range(400)]
    assert np.std(means) == pytest.approx(1.3 / 8**0.5, rel=0.15)
    assert np.mean(means) == pytest.approx(0, abs=4 * 1.3 / (8 * 400) ** 0.5)


def test_people_of_one_therapist_do_alike_as_published_studies_find_it():
    """ICC .05 (Baldwin & Imel 2013), of improvement by day 90 at one level, over programs whose means do not count."""
    scenario = SCENARIOS["therapists"]
    found = []
    for seed in range(12):
        drawn = draw(4000, np.random.default_rng(seed), scenario)
        better = drawn.people.phq9 - drawn.scores.phq9[:, 1]
        found.append(
            shared_variance(better, np.zeros(4000, dtype=int), drawn.people.therapist, np.zeros((4000, 0))).icc
        )
    assert 0.03 <= np.mean(found) <= 0.07
