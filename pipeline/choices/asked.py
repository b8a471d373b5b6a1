"""What is asked: which arms, on which outcomes, when, in whose money, adjusted for what."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.choices.reason import chosen

CORE = ("baseline_score", "suicide_risk", "function", "diagnosis_group", "prior_24h_care")
MORE = (
    *("prior_episodes", "sud", "trauma", "age", "sex", "payer", "referral_source", "housing", "quarter"),
    "baseline_modality",
)
NOT_RECORDED = (
    "what the clinician saw and did not write down: sends worse-off people to more care, which looks worse than it is",
    "support and safety at home: those without go to more care, which looks worse than it is",
    "wish for treatment: those who want it most may accept more care, which looks better than it is",
    "work, children and distance: keep people in less care who might do well anyway, so less care looks better",
    "how the last weeks ran: a sudden low lifts by itself, so whoever takes people in at their worst looks better",
)


@dataclass(frozen=True, slots=True)
class ComparisonChoices:
    """[comparison]: which arms are compared and for whom the answer holds."""

    contrasts: tuple[tuple[str, str], ...] = chosen(
        (("iop", "inpatient"), ("iop", "outpatient")), "arm, then reference; each on the overlap of its own two arms"
    )
    primary: tuple[str, ...] = chosen(
        ("iop", "inpatient", "phq9_day90"),
        "one per study; all else is simultaneous or exploratory; trauma, general and a PCL-5 outcome name the two"
        " tracks",
    )
    target: str = chosen(
        "overlap", "people who could have started at either level; combined, matching or treated:<arm> also exist"
    )
    interim_share: float = chosen(
        0.5,
        "share of an arm's unmeasured with a score between the start and the window from which those scores stand in"
        " for the missing ones; above 1: never",
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """[[outcomes]]: one score at one fixed day, with the margin fixed before outcomes are opened."""

    name: str = chosen("phq9_day90", "stands in results and in [comparison] primary")
    instrument: str = chosen("PHQ9", "as in measures/instruments.csv")
    day: int = chosen(90, "fixed calendar time: discharge comes at different times at different levels")
    window: tuple[int, ...] = chosen((60, 120), "the score nearest the day within this window, earlier on ties")
    baseline_window: tuple[int, ...] = chosen((-7, 1), "three days later would be half of a six-day stay")
    margin: float = chosen(0.0, "largest difference that would not matter; 0: no non-inferiority verdict is issued")
    comparator_effect: float = chosen(
        0.0, "what the comparator does beyond natural course; the margin may be at most half of it"
    )

    @property
    def usable_margin(self) -> float | None:
        """The margin where one was fixed beside what the comparator does; None: no non-inferiority verdict."""
        return self.margin if self.margin > 0 and self.comparator_effect > 0 else None

    @property
    def preserved(self) -> float:
        """Share of what the comparator does beyond natural course that the margin keeps; 0 where that is not stated."""
        return 1 - self.margin / self.comparator_effect if self.comparator_effect > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Borrowed:
    """[[borrowing]]: one difference found elsewhere, published or of the organization's other programs, in the unit and
    direction of the results: improvement, arm minus reference; of a share the event's own."""

    outcome: str = chosen("", "one of the outcomes, such as phq9_day90")
    arm: str = chosen("", "of a contrast of this study")
    reference: str = chosen("", "of the same contrast")
    estimate: float = chosen(0.0, "arm minus reference; above 0 the arm improved more")
    se: float = chosen(0.0, "its standard error")
    apart: float = chosen(0.0, "SD by which true differences of programs lie apart; 0: a fifth of the outcome's SD")
    weight: float = chosen(
        0.5, "of what is borrowed before these records are seen; less where limits would err too often"
    )
    source: str = chosen("", "who found it: stands on the pages beside what is borrowed")


@dataclass(frozen=True, slots=True)
class Retention:
    """[retention]: when a person still counts as in care."""

    days: tuple[int, ...] = chosen((30, 60, 90), "the days that pages show")
    gap_days: int = chosen(30, "one gap for all arms: a longer one makes any level look better")


@dataclass(frozen=True, slots=True)
class Cost:
    """[cost]: whose money, of which kind and year, and over how many days it is added up."""

    perspective: str = chosen("payer", "one perspective per analysis: payer, patient, provider or societal")
    amount_kind: str = chosen(
        "", "empty: the only kind there is; name one where there are several: paid and charged are never added up"
    )
    currency: str = chosen("", "empty: the only one there is; name one where there are several")
    days: tuple[int, ...] = chosen(
        (90, 180), "from day 0, later care included; the longest that can be observed gives the answer"
    )
    price_year: int = chosen(0, "0: the only year there is; amounts of other years need price_index")
    price_index: Mapping[str, float] = chosen(
        dict, "price level by year, such as { 2023 = 100.0, 2024 = 103.4 }; brings amounts to price_year"
    )
    worth: tuple[float, ...] = chosen(
        (0.0, 5000.0, 10000.0, 20000.0, 40000.0),
        "what one more person who reliably improves may be worth: a grid to read, since nobody has set one value",
    )


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """[satisfaction]: when people are asked how content they are, or how well they work together with their
    therapist."""

    instruments: tuple[str, ...] = chosen(
        ("CSQ8", "WAISR"), "the first that anybody answered in the window is used and named"
    )
    window: tuple[int, ...] = chosen(
        (7, 21),
        "early, so that most are still there; its last day is the landmark: only what comes after "
        "it is compared, among those still in care on it",
    )


@dataclass(frozen=True, slots=True)
class Confounders:
    """[confounders]: what is adjusted for."""

    core: tuple[str, ...] = chosen(CORE, "without these a contrast is descriptive only")
    more: tuple[str, ...] = chosen(MORE, "adjusted for where recorded")
    instruments: Mapping[str, tuple[str, ...]] = chosen(
        lambda: {"function": ("WSAS", "WHODAS12", "DLA20"), "suicide_risk": ("CSSRS", "PHQ9:item_9")},
        "the first available is used and named",
    )
    unmeasured: tuple[str, ...] = chosen(
        NOT_RECORDED, "what no record tells, then which way it could pull: printed, and adjusted for by nobody"
    )


@dataclass(frozen=True, slots=True)
class Schedule:
    """[schedule]: the marks at which both arms are looked at when it is asked who improves sooner; other scores are
    left aside."""

    every_days: int = chosen(
        14, "the longest step that outpatient care measures at; whoever is measured more often loses nothing else"
    )
    day: int = chosen(56, "improved by this mark: as long as intensive outpatient care usually lasts")
    last_day: int = chosen(98, "later marks only confirm; this one takes in the day-90 score")


@dataclass(frozen=True, slots=True)
class Durability:
    """[durability]: when it is asked whether what was reached at an outcome's own day has lasted."""

    day: int = chosen(180, "half a year, as far as most follow-up goes")
    window: tuple[int, ...] = chosen((150, 210), "the score nearest the day within this window, earlier on ties")
