"""The named worlds that records can be drawn from; each says what it is for and differs from the default in as little
as possible.

Tuples with five numbers follow LEVELS.  Sizes are design decisions anchored on
measures and published figures; arm means are never set, they follow from the process.
"""

from dataclasses import dataclass, replace

from pipeline.errors import UsageError

LEVELS = ("OP", "IOP", "PHP", "RES", "IP")  # that these worlds have; records may hold others
ByLevel = tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One world and the way it is measured.

    sites              how many; simulation studies vary it
    site_sizes         people who come to each site, in any unit; empty: drawn, none more than 2.4 times another
    effect             PHQ-9 points of improvement by day 90 beyond natural course, by level
    effect_high_risk   the same where C-SSRS is 4 or 5
    trauma_track       PCL-5 points by which the trauma track within IOP improves more than the general one
    observed           share with a score at day 90, by level
    missing_worse      PHQ-9 points by which those without a day-90 score did worse (0: missing at random)
    missing_foretold   whether their scores in care already show it; False: they fell back after the last of them
    score_every        days between scores during care, by level (0: none)
    settle             days in which improvement is fastest, by level: it follows log(1 + day / settle)
    site_sd, program_sd, therapist_sd   PHQ-9 points; ICC = sd squared over about 33
    own_therapists     each study has therapists of its own, who do better or worse on average by the luck of the draw
    one_level_sites    every site offers a single arm, so that level and site cannot be separated
    floor_share        share of people who come with a PHQ-9 below 5
    readmission_shape  Weibull shape of the time to readmission; 1 is a constant hazard
    step_down_planned  share of 24-hour stays with a first IOP visit planned 4 to 14 days after discharge, blind to
                       prognosis (None: step-down follows the usual mix)
    """

    name: str
    sentence: str
    world_seed: int = 12
    sites: int = 12
    site_sizes: tuple[float, ...] = ()
    effect: ByLevel = (1.0, 2.0, 2.4, 2.0, 2.0)
    effect_high_risk: ByLevel = (1.0, 0.5, 2.4, 2.0, 2.5)
    trauma_track: float = 3.0
    observed: ByLevel = (0.67, 0.69, 0.69, 0.66, 0.63)
    missing_worse: float = 0.0
    missing_foretold: bool = True
    score_every: tuple[int, int, int, int, int] = (14, 7, 7, 7, 0)
    settle: ByLevel = (14.0, 7.0, 5.0, 7.0, 4.0)
    site_sd: float = 1.0
    program_sd: float = 0.4
    therapist_sd: float = 1.3
    own_therapists: bool = False
    one_level_sites: bool = False
    floor_share: float = 0.0
    readmission_shape: float = 0.6
    step_down_planned: float | None = None


DEFAULT = Scenario(
    "default", "twelve sites, two thirds measured at day 90: some contrasts pass the gate, some are withheld"
)

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        DEFAULT,
        replace(
            DEFAULT,
            name="routine",
            observed=(0.35, 0.40, 0.40, 0.35, 0.25),
            sentence="follow-up as routine care manages it: about a third are measured at day 90",
        ),
        replace(
            DEFAULT,
            name="well_measured",
            observed=(0.86, 0.86, 0.86, 0.86, 0.85),
            sentence="six in seven are measured at day 90: what those not measured did can hardly change a verdict",
        ),
        replace(
            DEFAULT,
            name="null",
            effect_high_risk=(1.0, 2.0, 2.4, 2.0, 2.0),
            program_sd=0.0,
            therapist_sd=0.0,
            sentence="IOP and 24-hour care do exactly the same for scores; any difference is confounding",
        ),
        replace(
            DEFAULT,
            name="known_effect",
            trauma_track=4.0,
            observed=(0.85, 0.85, 0.85, 0.85, 0.85),
            sentence="a trauma track that improves PCL-5 by 4 points more, large enough to be found nine times in ten",
        ),
        replace(
            DEFAULT,
            name="immortal_time",
            readmission_shape=1.0,
            step_down_planned=0.65,
            sentence="IOP after a 24-hour stay changes nothing, yet whoever lives to start it looks protected",
        ),
        replace(
            DEFAULT,
            name="mnar",
            missing_worse=3.0,
            observed=(0.60, 0.50, 0.60, 0.80, 0.80),
            sentence="those without a day-90 score did 3 points worse, and IOP has more of them",
        ),
        replace(
            DEFAULT,
            name="relapse_unseen",
            missing_worse=4.5,
            missing_foretold=False,
            observed=(0.60, 0.50, 0.60, 0.80, 0.80),
            sentence="those without a day-90 score fell back 4.5 points after their last score in care, and IOP has"
            " more of them: it does worse by more than the margin, and no record shows it",
        ),
        replace(
            DEFAULT,
            name="therapists",
            sites=1,
            own_therapists=True,
            effect_high_risk=(1.0, 2.0, 2.4, 2.0, 2.0),
            program_sd=0.0,
            site_sd=0.0,
            observed=(0.86, 0.86, 0.86, 0.86, 0.85),
            sentence="one site, eight therapists a level, and some do better than others: IOP and 24-hour care do the"
            " same, and whose therapists are better is luck",
        ),
        replace(
            DEFAULT,
            name="assessment_frequency",
            score_every=(28, 3, 7, 7, 0),
            effect=(2.0, 2.0, 2.4, 2.0, 2.0),
            effect_high_risk=(2.0, 2.0, 2.4, 2.0, 2.5),
            program_sd=0.0,
            therapist_sd=0.0,
            settle=(10.0, 10.0, 5.0, 7.0, 4.0),
            sentence="IOP helps as much as weekly care but is measured nine times as often",
        ),
        replace(
            DEFAULT,
            name="site_is_level",
            one_level_sites=True,
            site_sd=2.0,
            sentence="every site offers one arm only: level and site cannot be separated",
        ),
        replace(
            DEFAULT,
            name="floor",
            floor_share=0.15,
            sentence="15% come with a PHQ-9 below 5 and have no room to improve",
        ),
    )
}


def scenario_named(name: str) -> Scenario:
    """The scenario of that name.  Raises UsageError where there is none."""
    if name not in SCENARIOS:
        raise UsageError(f'no scenario "{name}"; choose one of: {", ".join(SCENARIOS)}')
    return SCENARIOS[name]
