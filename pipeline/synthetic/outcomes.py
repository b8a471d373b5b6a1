"""Potential outcomes: the score each person would have on day 90 after starting at each level.

improvement = natural course(baseline) + effect(level, person) + site + program + therapist + person.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.synthetic.people import SyntheticPeople, logistic, within
from pipeline.synthetic.scenarios import Scenario
from pipeline.synthetic.world import IOP, World


@dataclass(frozen=True, slots=True)
class TrueScale:
    """How one instrument moves: points of improvement by day 90.

    course, per_point, centre   natural course at the central baseline and its change per point of baseline
    effect                      points per PHQ-9 point of a level's, site's or therapist's effect
    noise, shared               person's own standard deviation, and its correlation with the PHQ-9's
    """

    course: float
    per_point: float
    centre: float
    effect: float
    noise: float
    shared: float
    low: int
    high: int


PHQ9 = TrueScale(4.5, 0.35, 13.5, 1.0, 5.4, 1.0, 0, 27)
GAD7 = TrueScale(3.8, 0.35, 13.0, 0.8, 4.2, 0.65, 0, 21)
PCL5 = TrueScale(9.0, 0.30, 42.0, 2.2, 12.5, 0.60, 0, 80)


@dataclass(frozen=True, slots=True)
class Scores:
    """Day-90 scores that would be seen after each level, (n, 5) each, and whether they would be measured.

    pcl5_by_track is (n, 2): PCL-5 after IOP in the general and in the trauma track; pcl5 has the person's own track.

    measured is True where a day-90 score would be taken; given the covariates it tells nothing about the score,
    except under a scenario's missing_worse.
    """

    phq9: np.ndarray
    gad7: np.ndarray
    pcl5: np.ndarray
    pcl5_by_track: np.ndarray
    measured: np.ndarray


def draw_scores(people: SyntheticPeople, rng: np.random.Generator, scenario: Scenario, world: World) -> Scores:
    """Potential day-90 scores; one person's noise is the same at every level."""
    n = len(people)
    shift = level_effect(people, scenario) + place_effect(people, world) + prognosis(people)[:, None]
    measured = rng.random((n, 1)) < chance_of_score(people, scenario)
    shift = shift - scenario.missing_worse * ~measured
    anxiety, trauma = (mixed(scale, people.hardship, rng) for scale in (GAD7, PCL5))
    pcl5 = after(people.pcl5, PCL5, shift, trauma)
    in_track = shift[:, [IOP, IOP]] + np.array([0.0, scenario.trauma_track]) / PCL5.effect
    by_track = after(people.pcl5, PCL5, in_track, trauma)
    pcl5[:, IOP] = by_track[np.arange(n), people.trauma_track.astype(np.int64)]
    return Scores(
        phq9=after(people.phq9, PHQ9, shift, people.hardship),
        gad7=after(people.gad7, GAD7, shift, anxiety),
        pcl5=pcl5,
        pcl5_by_track=by_track,
        measured=measured,
    )


def after(baseline: np.ndarray, scale: TrueScale, shift: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """(n, k) scores for k shifts: baseline minus improvement, whole numbers inside the scale's range."""
    natural = np.maximum(scale.course + scale.per_point * (baseline - scale.centre), 0.0)
    improvement = (natural + scale.noise * noise)[:, None] + scale.effect * shift
    return within(baseline[:, None] - improvement, scale.low, scale.high)


def mixed(scale: TrueScale, shared: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n,) standard normal noise with the scale's correlation with the PHQ-9's."""
    return scale.shared * shared + np.sqrt(1 - scale.shared**2) * rng.normal(size=shared.size)


def level_effect(people: SyntheticPeople, scenario: Scenario) -> np.ndarray:
    """(n, 5) PHQ-9 points beyond natural course."""
    return np.where(people.high_risk[:, None], scenario.effect_high_risk, scenario.effect)


def place_effect(people: SyntheticPeople, world: World) -> np.ndarray:
    """(n, 5) PHQ-9 points of the site, the program and the therapist the person would have at each level."""
    return (
        world.quality[people.site][:, None]
        + world.program[people.site]
        + world.therapist[people.site, :, people.therapist]
    )


def prognosis(people: SyntheticPeople) -> np.ndarray:
    """(n,) PHQ-9 points by which a person's course is better or worse at any level."""
    return (
        0.2 * (people.age - 38) / 13
        - 0.05 * (people.whodas - 20)
        - 0.8 * (people.housing == 2)
        - 0.3 * (people.housing == 1)
        - 0.6 * people.prior_24h
        - 0.4 * people.sud
        - 0.3 * people.trauma
        - 0.2 * (people.cssrs > 0)
        - 0.4 * people.high_risk
    )


def chance_of_score(people: SyntheticPeople, scenario: Scenario) -> np.ndarray:
    """(n, 5) probability of a score at day 90."""
    share = np.array(scenario.observed)
    person = (
        0.15 * (people.age - 38) / 13
        - 0.5 * (people.housing == 2)
        - 0.2 * (people.sud - 0.35)
        + 0.15 * (people.payer == 0)
        - 0.1 * (people.cssrs > 0)
        - 0.15 * people.high_risk
    )
    return logistic(np.log(share / (1 - share)) + person[:, None])
