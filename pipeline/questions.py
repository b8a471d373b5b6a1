"""The fifteen questions, each declared once: what it asks, how it is answered, and how its numbers count people.

A question's code lives under its name, its one stem: `analysis/questions/durability.py`,
`report/questions/durability.py`, `report/figures/durability.py`, `tests/spec/test_durability.py`.  What is not declared
here does not leave: the disclosure gate hides a row, curve, mark or flow it knows nothing of.
"""

from dataclasses import dataclass

from pipeline.counting import DESCRIBED, Counting, Heads, Marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question, as a director would ask it.

    code           C1 to C15, as it stands in results
    name           the stem of its modules in every room
    asks           with the two arms it is about in braces
    fooled_by      what could fool the answer however carefully it is counted
    counting       how its rows count people
    pair           the two arms it is asked about where nothing was compared
    verdict        whether its one answer carries a verdict word, and so shares the confirmatory error
    like_for_like  answered by the contrasts that the study declares, not by a claim row
    reads_answers  whether it looks at what others answered, and is asked after them
    parts          the modules that answer it, in order, where there are more than the one of its name
    described      whether its figures tell where people are even where the comparison is withheld
    reads          the raw tables that its answer rests on, besides patients, episodes and sessions
    beside         the analysis and measures of rows that its figures draw beside the answer
    """

    code: str
    name: str
    asks: str
    fooled_by: str
    counting: Counting
    pair: tuple[str, str] = ("", "")
    verdict: bool = False
    like_for_like: bool = False
    reads_answers: bool = False
    parts: tuple[str, ...] = ()
    described: bool = False
    beside: tuple[str, tuple[str, ...]] = ("", ())
    reads: tuple[str, ...] = ()


# In the order of asking, which is that of the results; pages have them by number.
QUESTIONS = (
    Question(
        code="C2",
        reads=("assessments",),
        name="like_for_like",
        asks="Do people who start in {arm} do as well as similar people who start in {reference}?",
        fooled_by=(
            "Who is sent where: people in greater danger start at the higher level, and what no record holds (support"
            " at home, a family's wish, a payer's pressure) cannot be evened out. People whose crisis brought them in"
            " would have come down in any case."
        ),
        pair=("iop", "inpatient"),
        like_for_like=True,
        counting=Counting(heads=Heads.BY_MEASURE),
    ),
    Question(
        code="C4",
        reads=("discharges",),
        name="like_for_like",
        asks="Do fewer people leave early in {arm} than similar people in {reference}?",
        fooled_by=(
            "Programs plan for different lengths of stay. One clinician's “left early” is another's “ended by the"
            " program”, and people who never came to a first session are in no record."
        ),
        pair=("iop", "outpatient"),
        like_for_like=True,
        counting=Counting(
            measures=("survival", "cumulative_incidence", "median_care_days", "course_test"),
            heads=Heads.BY_MEASURE,
            adds_up={"ending": ("cumulative_incidence",)},
            curves=("retention", "staying"),
            starters=("retention",),
        ),
    ),
    Question(
        code="C1",
        name="dose",
        asks="Do people in IOP get 9 to 19 hours of care a week?",
        fooled_by=(
            "Hours on the schedule are not hours attended. Days billed without minutes are counted at an assumed"
            " length, and weeks with holidays or a late start pull the average down."
        ),
        counting=Counting(
            measures=(
                *("weeks_below_hours", "weeks_within_hours", "weeks_above_hours"),
                *("hours_per_week", "hours_imputed"),
            ),
            heads=Heads.BY_MEASURE,
            adds_up={"hours": ("weeks_below_hours", "weeks_within_hours", "weeks_above_hours")},
            figures={"dose_by_week": Marks.WEEK_BY_WEEK, "dose_by_period": Marks.ADD_UP, "dose_by_site": Marks.ADD_UP},
            uncounted=("weeks_below_hours", "weeks_within_hours", "weeks_above_hours", "hours_imputed"),
        ),
    ),
    Question(
        code="C10",
        reads=("assessments",),
        name="tracks",
        asks="Do people with trauma symptoms do better in a trauma track than similar people in the general track?",
        fooled_by=(
            "Who is offered the track, and who asks for it. Trauma scores fall after a peak whatever is done, and a"
            " form that asks about a week cannot be held against one that asks about a month."
        ),
        verdict=True,
        counting=Counting(heads=Heads.BY_MEASURE),
    ),
    Question(
        code="C14",
        reads=("discharges",),
        name="stay_length",
        parts=("stay_length", "stay_strategy"),
        asks="Does IOP last from several weeks to a few months?",
        fooled_by=(
            "Leaving early counts as a short stay. Charts that are closed late make stays look long, and stays that are"
            " still open are known only so far."
        ),
        beside=("stay_length", ("median_stay_days",)),
        counting=Counting(
            measures=(
                *("stays_of_weeks_to_months", "stays_by_ending", "risk"),
                *("quartile_25_stay_days", "median_stay_days", "quartile_75_stay_days"),
                *("median_closure_lag", "closed_after_a_week", "mean_days_to_closure"),
            ),
            heads=Heads.NESTED,
            adds_up={"stays": ("stays_by_ending",)},
            figures={"stay_length": Marks.ADD_UP},
            curves=("stay_length",),
        ),
    ),
    Question(
        code="C8",
        reads=("assessments",),
        name="tapering",
        asks="Do weekly hours come down as people get better?",
        fooled_by=(
            "Hours can fall because people got better, because approved days ran out, or because people stopped coming."
            " This describes a pattern and says nothing of what fewer hours do."
        ),
        counting=Counting(
            measures=("lower_next_week", "lower_next_week_difference", "hours_correlation", "hours_per_week"),
            heads=Heads.NESTED,
            figures={"dose_response": Marks.WEEK_BY_WEEK},
        ),
    ),
    Question(
        code="C12",
        reads=("assessments",),
        name="measurement",
        asks="Are people measured often enough to notice when care should change?",
        fooled_by=(
            "Who is measured is no accident: those who do badly, or those who keep coming, can be measured more."
            " Whoever measures often usually does other things as well."
        ),
        counting=Counting(
            measures=(
                *("measured_every_14_days", "measured_every_30_days"),
                *("behind_course", "measured_soon_after_flag", "back_on_course"),
            ),
            heads=Heads.BY_PLACE,
            within=("measured_every_14_days", "measured_every_30_days"),
            figures={"measured_": Marks.SHARES},
        ),
    ),
    Question(
        code="C7",
        reads=("costs",),
        name="cost",
        asks="Does care that starts in {arm} cost less than care that starts in {reference}, counting what follows?",
        fooled_by=(
            "Charges, payments and costs are different things. What somebody else paid is not in these records, and"
            " care that a person walks away from is cheap."
        ),
        pair=("iop", "inpatient"),
        verdict=True,
        reads_answers=True,
        counting=Counting(
            measures=("cost_difference", "effect_difference", "cost_per_effect", "net_monetary_benefit"),
            heads=Heads.BY_MEASURE,
            figures={"cost_plane": Marks.UNCOUNTED, "acceptability": Marks.UNCOUNTED},
        ),
    ),
    Question(
        code="C5",
        reads=("assessments",),
        name="satisfaction",
        asks="Do people who are content with their care early on stay longer and do better?",
        fooled_by=(
            "Doing better can make people content, rather than the other way round, and those who do not answer surveys"
            " are often those about to leave. What goes together need not cause one another."
        ),
        counting=Counting(
            measures=("rank_correlation", "response_rate", "slope_days", "slope_points"),
            heads=Heads.NESTED,
            flows=("stayed after the early survey",),
        ),
    ),
    Question(
        code="C9",
        reads=("assessments",),
        name="modality_mix",
        asks="Does the mix of individual, group, family and medication sessions go with how people do?",
        fooled_by=(
            "Clinicians choose the mix by need, and programs with another mix differ in much else. With many mixes"
            " looked at, some look good by chance."
        ),
        counting=Counting(
            measures=("slope_per_doubling", "slope_per_share", "whole_mix"),
            heads=Heads.NESTED,
            figures={"mix_by_program": Marks.ADD_UP},
            flows=("mix of services",),
        ),
    ),
    Question(
        code="C11",
        reads=("assessments", "followups"),
        name="severity",
        asks="Is IOP enough for people at high risk?",
        fooled_by=(
            "The people in the greatest danger hardly ever start in IOP, so there is nobody to compare them with. That"
            " a rare harm was not seen does not mean that it cannot happen."
        ),
        parts=("severity", "safety"),
        described=True,
        counting=Counting(
            measures=("self_harm", "ed_visit", "moved_up", "died"),
            heads=Heads.BY_MEASURE,
            grows=("self_harm", "ed_visit", "moved_up", "died"),
            figures={"effect_curve": Marks.UNCOUNTED, "positivity": Marks.ADD_UP},
        ),
    ),
    Question(
        code="C6",
        reads=("discharges",),
        name="step_down",
        asks="After 24-hour care, do people who start IOP within two weeks come back less often?",
        fooled_by=(
            "Who gets a place: good discharge planning, insurance and the wish to go on help by themselves. Stays at"
            " other hospitals are seen only where the records reach them."
        ),
        verdict=True,
        beside=("strategies", ("risk",)),
        counting=Counting(
            measures=("risk", "ed_visit", "number_needed_to_link"),
            heads=Heads.NESTED,
            curves=("strategies",),
            flows=("C6",),
        ),
    ),
    Question(
        code="C3",
        reads=("assessments",),
        name="speed",
        asks="Do people get better sooner in IOP than similar people in outpatient care?",
        fooled_by=(
            "Whoever is measured more often is found better sooner; even with both levels on one schedule, some of that"
            " can remain. Those who leave stop being measured."
        ),
        verdict=True,
        counting=Counting(
            measures=("slope_per_week", "slope_per_hour"),
            heads=Heads.BY_MEASURE,
            figures={"trajectory_week": Marks.WEEK_BY_WEEK, "trajectory_hours": Marks.WEEK_BY_WEEK},
            curves=("claim",),
            flows=("first reliable improvement",),
        ),
    ),
    Question(
        code="C13",
        reads=("assessments",),
        name="durability",
        asks=(
            "Do gains last: half a year on, do people who started in {arm} do as well as similar people who started in"
            " {reference}?"
        ),
        fooled_by=(
            "Few people answer a late follow-up, and those who do are usually the ones who do well. People who never"
            " improved have no gain to lose."
        ),
        pair=("iop", "inpatient"),
        verdict=True,
        described=True,
        beside=(
            "durability",
            (
                *("in_remission", "not_in_remission", "remission_unknown"),
                *("still_recovered", "relapsed", "recovery_unknown"),
            ),
        ),
        counting=Counting(
            measures=(
                *("in_remission", "not_in_remission", "remission_unknown"),
                *("still_recovered", "relapsed", "recovery_unknown", "difference_in_change"),
            ),
            heads=Heads.BY_MEASURE,
            adds_up={
                "remission": ("in_remission", "not_in_remission", "remission_unknown"),
                "lasting": ("still_recovered", "relapsed", "recovery_unknown"),
            },
        ),
    ),
    Question(
        code="C15",
        reads=("assessments",),
        name="placements",
        asks="Do people do better at the level that was recommended for them?",
        fooled_by=(
            "Some recommendations are written after the place was found. A payer's refusal, or a long way to the"
            " program, can cause both another level and another outcome."
        ),
        described=True,
        counting=Counting(
            measures=("placed_less_than_recommended", "placed_as_recommended", "placed_more_than_recommended"),
            heads=Heads.BY_MEASURE,
            adds_up={
                "placement": (
                    *("placed_less_than_recommended", "placed_as_recommended", "placed_more_than_recommended"),
                )
            },
            figures={"placement_matrix": Marks.MATRIX},
        ),
    ),
)


def in_asking_order() -> tuple[Question, ...]:
    """The questions as they are asked, which is the order of the results."""
    return QUESTIONS


def declared(code: str) -> Question | None:
    """The question of a code; None for one that nobody declared."""
    for one in in_asking_order():  # a loop, not a generator: the gate asks a million times
        if one.code == code:
            return one
    return None


def by_number() -> tuple[Question, ...]:
    """The questions as pages have them: C1 first."""
    return tuple(sorted(in_asking_order(), key=lambda one: int(one.code[1:])))


def how_many() -> str:
    """The number of questions in words."""
    words = {15: "fifteen", 16: "sixteen", 17: "seventeen", 18: "eighteen"}
    return words.get(len(in_asking_order()), str(len(in_asking_order())))


def counting_of(code: str) -> Counting | None:
    """How the rows of a code count people; None for a code that nobody declared."""
    if code == "M":
        return DESCRIBED
    question = declared(code)
    return question.counting if question is not None else None


def every_counting() -> tuple[Counting, ...]:
    """How rows count people, of every question and of what belongs to none."""
    return (DESCRIBED, *(one.counting for one in in_asking_order()))
