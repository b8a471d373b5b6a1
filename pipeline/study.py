"""A study's choices as one frozen Study; every default stands beside its reason."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import StudyError
from pipeline.levels import default_arms, default_gaps

REGIMES = ("relative-days", "limited-data-set", "expert-determination")
CONFOUNDERS = (
    "baseline_score",
    "suicide_risk",
    "function",
    "diagnosis_group",
    "prior_24h_care",
    "prior_episodes",
    "sud",
    "trauma",
    "age",
    "sex",
    "payer",
    "referral_source",
    "housing",
    "quarter",
    "baseline_modality",
    "race_ethnicity",
    "psychosis",
    "track",
    "recommended_level",
)  # all of them known on day 0; nothing later may enter
TRACKS = ("trauma", "general")  # the tracks of intensive outpatient care that question C10 compares
PERSPECTIVES = ("payer", "patient", "provider", "societal")
LEAST_PRESERVED = 0.5  # a margin may give away at most half of what the comparator does beyond natural course
NO_CHOICE = ("folder", "engine")  # parts of a study that no answer depends on
RESERVED = ("reliable_", "dropped_out", "retained", "cost_")  # outcomes the analysis names itself


def chosen(default: Any, reason: str) -> Any:
    """A default beside its reason; mutable defaults are given as a function that makes them."""
    how = {"default_factory": default} if callable(default) else {"default": default}
    return field(**how, metadata={"reason": reason})


@dataclass(frozen=True, slots=True)
class Identity:
    """[study]: what this study is and under which privacy regime its records came."""

    name: str = chosen("", "the folder's name; names the pages")
    title: str = chosen("Outcomes by level of care", "stands at the head of each page")
    regime: str = chosen(
        "limited-data-set", "relative-days forbids every date but a year; the two others need an agreement or an expert"
    )
    raw: str = chosen("raw", "folder of the exported files; environment variables are allowed; files are never changed")
    synthetic: bool = chosen(False, "true puts a watermark on every page")
    seed: int = chosen(20260101, "one seed for everything random, kept in the manifest")


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
class Episodes:
    """[episodes]: when a stay ends, who counts as new, and how sessions become a level of care."""

    gap_days: Mapping[str, int] = chosen(
        default_gaps,
        "longest silence within one stay; 60 days is the Washington Circle tradition, shorter where visits are denser",
    )
    washout_days: int = chosen(60, "no service at any compared level before day 0, the same rule for every arm")
    seen_after: bool = chosen(
        True,
        "false for a register of single stays: what follows a stay, such as readmission, is in no record and not asked",
    )
    chain_days: int = chosen(14, "a next stay within 14 days continues the course (continuity-of-care window)")
    transfer_days: int = chosen(1, "next stay within a day is a direct transfer")
    residential_3_7: str = chosen("RES", "ASAM 3.7 counts as RES, or IP where the program is a hospital")
    adolescent_iop_hours: float = chosen(6.0, "under 18, IOP starts at 6 scheduled hours a week")
    iop_hours: float = chosen(9.0, "IOP starts at 9 scheduled hours a week")
    php_hours: float = chosen(20.0, "partial hospitalization starts at 20 scheduled hours a week")
    iop_day_hours: float = chosen(3.0, "a per-diem IOP code carries no minutes; the share imputed is printed")
    php_day_hours: float = chosen(5.0, "a per-diem PHP code carries no minutes; the share imputed is printed")


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

    core: tuple[str, ...] = chosen(
        ("baseline_score", "suicide_risk", "function", "diagnosis_group", "prior_24h_care"),
        "without these a contrast is descriptive only",
    )
    more: tuple[str, ...] = chosen(
        (
            "prior_episodes",
            "sud",
            "trauma",
            "age",
            "sex",
            "payer",
            "referral_source",
            "housing",
            "quarter",
            "baseline_modality",
        ),
        "adjusted for where recorded",
    )
    instruments: Mapping[str, tuple[str, ...]] = chosen(
        lambda: {"function": ("WSAS", "WHODAS12", "DLA20"), "suicide_risk": ("CSSRS", "PHQ9:item_9")},
        "the first available is used and named",
    )


@dataclass(frozen=True, slots=True)
class Gate:
    """[gate]: an adjusted contrast that fails one of these lines is withheld."""

    max_smd: float = chosen(0.10, "the usual guide; up to twice this only the outcome-augmented estimate is shown")
    max_variance_ratio: float = chosen(2.0, "and its inverse")
    min_equipoise: float = chosen(0.20, "share of each arm that could plausibly have been in the other")
    max_person_share: float = chosen(0.05, "no single person decides")
    min_ess: float = chosen(30.0, "effective people per arm after all weights")
    max_set_aside: float = chosen(
        0.05, "share of a table's rows that could not be read: beyond it what rests on the table is withheld"
    )
    told_set_aside: float = chosen(
        0.02, "beyond it, or where the arms differ by so much, what rests on the table says so"
    )
    min_recorded: float = chosen(0.80, "share of each arm with the core confounder recorded")
    max_recorded_gap: float = chosen(0.10, "between the arms")
    min_observed_share: float = chosen(0.20, "share of each arm with the outcome measured")
    min_observed: int = chosen(30, "people per arm with the outcome measured; limits of fewer rest on models alone")
    max_observation_weight: float = chosen(10.0, "nobody stands for more than ten who were not measured")
    max_truncated_share: float = chosen(0.01, "share of an arm whose weight may be cut off at that bound")
    delta_alike: tuple[float, ...] = chosen(
        (0.25, 0.5), "SD of the score; a claim must survive the unmeasured of both arms having done so much worse"
    )
    delta_apart: float = chosen(
        0.2, "SD by which on top of that one arm did worse; the margin where the outcome has one"
    )
    max_systematic_error: float = chosen(
        0.25, "expected error on outcomes that no level of care can change, as a log risk ratio"
    )
    min_sites: int = chosen(6, "fewer: the answer holds for these sites only")
    min_observed_per_site: int = chosen(10, "observed people per arm for a site to count")
    min_observed_per_small_site: int = chosen(
        2,
        "the same where those sites hold fewer than twice min_observed people in an arm: small sites are then taken in,"
        " and the answer holds for these sites only",
    )
    min_shared_site_share: float = chosen(0.20, "otherwise level and site cannot be separated")


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """[sensitivity]: which other choices each answer is made with, to see whether it depends on them."""

    retention_gap_days: tuple[int, ...] = chosen(
        (14, 30, 45, 60), "a longer silence allowed makes every level look better"
    )
    window_factors: tuple[float, ...] = chosen((0.5, 1.5), "how much narrower and wider the follow-up window is made")
    baseline_to: int = chosen(
        3, "a later first score is half a treatment on a six-day stay, yet some programs ask no earlier"
    )
    imputed: bool = chosen(
        True, "the primary answer also with those not measured filled in; one data set for each percent missing"
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


@dataclass(frozen=True, slots=True)
class Disclosure:
    """[disclosure]: the smallest count that may be shown."""

    threshold: int = chosen(11, "the rule of US federal health data: no cell of 1 to 10")
    round_to: int = chosen(1, "1 leaves counts as they are; 5 is the English habit")
    internal: bool = chosen(
        False, "true where the program's own people may see their own small counts: report --internal"
    )
    internal_threshold: int = chosen(3, "the smallest count that the internal edition may show")


@dataclass(frozen=True, slots=True)
class Identifiers:
    """[identifiers]: columns that were mistaken for identifiers."""

    harmless: tuple[str, ...] = chosen(
        (),
        'columns that look like an identifier and are none, such as ["patients.ref"]; noted with every run; what is '
        "plainly one (an e-mail address, a social security number) stops the run all the same",
    )


@dataclass(frozen=True, slots=True)
class Records:
    """[records]: how the exported files are read."""

    missing: tuple[str, ...] = chosen(
        (),
        'words of your export for an empty cell, such as ["-", "999"]; NA, N/A, NULL, NaN, \\N, #N/A and a lone point'
        " are read so anyway",
    )
    accept_set_aside: tuple[str, ...] = chosen(
        (),
        'tables whose rows set aside are known and accepted, such as ["costs"]; what rests on them says so and is not'
        " withheld",
    )


@dataclass(frozen=True, slots=True)
class EngineChoices:
    """[engine]: where `--engine spark` runs.  It changes no number, so no protocol keeps it."""

    master: str = chosen("local[*]", "Spark on this machine; a cluster is spark://host:7077")
    remote: str = chosen(
        "", 'a server that speaks Spark Connect: "sc://host:15002"; its token as an environment variable ("$TOKEN")'
    )
    folder: str = chosen("", "a folder that this machine and the cluster see under one path; empty: the study's own")
    most_million_rows: int = chosen(50, "of one table that may come back to this machine for analysis")
    conf: Mapping[str, str] = chosen(dict, 'settings of Spark, such as { "spark.driver.memory" = "8g" }')


@dataclass(frozen=True, slots=True)
class Study:
    """Every disputable choice of one study, and the folder it lives in."""

    folder: Path
    study: Identity = field(default_factory=Identity)
    arms: Mapping[str, tuple[str, ...]] = field(
        default_factory=default_arms,
        metadata={
            "reason": (
                "what is compared, in the order of the pages; an arm with fewer than 30 starts is left out of them"
            )
        },
    )
    comparison: ComparisonChoices = field(default_factory=ComparisonChoices)
    episodes: Episodes = field(default_factory=Episodes)
    outcomes: tuple[Outcome, ...] = field(
        default_factory=lambda: (Outcome(margin=1.0, comparator_effect=2.0),),
        metadata={"reason": "one block per outcome; an empty list where no symptom scale was used"},
    )
    borrowing: tuple[Borrowed, ...] = field(
        default_factory=tuple,
        metadata={"reason": "one block per difference found elsewhere; nothing is borrowed where there is none"},
    )
    retention: Retention = field(default_factory=Retention)
    cost: Cost = field(default_factory=Cost)
    satisfaction: Satisfaction = field(default_factory=Satisfaction)
    confounders: Confounders = field(default_factory=Confounders)
    gate: Gate = field(default_factory=Gate)
    sensitivity: Sensitivity = field(default_factory=Sensitivity)
    schedule: Schedule = field(default_factory=Schedule)
    durability: Durability = field(default_factory=Durability)
    targets: Mapping[str, float] = field(
        default_factory=dict,
        metadata={
            "reason": (
                "what the program wants to reach, as shares of measures: reliable_improvement = 0.4, "
                "retention_any_level_day90 = 0.3; changes no number"
            )
        },
    )
    disclosure: Disclosure = field(default_factory=Disclosure)
    identifiers: Identifiers = field(default_factory=Identifiers)
    records: Records = field(default_factory=Records)
    columns: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict,
        metadata={"reason": '[columns.sessions] service_day = "visit_day": our name = the file\'s name'},
    )
    codes: Mapping[str, Mapping[str, Mapping[str, str]]] = field(
        default_factory=dict, metadata={"reason": '[codes.episodes.payer] HMO = "commercial": the file\'s code = ours'}
    )

    engine: EngineChoices = field(default_factory=EngineChoices)

    @property
    def name(self) -> str:
        """The study's name: the key in study.toml or the folder's name."""
        return self.study.name or self.folder.resolve().name

    @property
    def raw_folder(self) -> Path:
        """Where the raw files lie; environment variables are expanded.  Raises StudyError for one that is not set."""
        expanded = os.path.expandvars(self.study.raw)
        if "$" in expanded:
            raise StudyError(
                f'study.toml [study] raw = "{self.study.raw}": that environment variable is not set; set it to the '
                "folder that holds the files"
            )
        return self.folder / expanded

    def as_json(self) -> str:
        """The whole study as JSON with sorted keys, without the folder and where it is worked out: what the manifest
        hashes and the database keeps."""
        content = {f.name: jsonable(getattr(self, f.name)) for f in fields(self) if f.name not in NO_CHOICE}
        return json.dumps(content, sort_keys=True)


def jsonable(value: Any) -> Any:
    """Dataclasses and tuples as what JSON knows."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, tuple):
        return [jsonable(item) for item in value]
    if isinstance(value, Mapping):
        return {key: jsonable(item) for key, item in value.items()}
    return value


def tracks_are_primary(study: Study) -> bool:
    """Whether the one primary contrast is that of the trauma track with the general one, on a PCL-5 outcome."""
    declared = [(*TRACKS, outcome.name) for outcome in study.outcomes if outcome.instrument == "PCL5"]
    return tuple(study.comparison.primary) in declared and TRACKS not in study.comparison.contrasts


def main_outcome(study: Study) -> Outcome | None:
    """The score that questions, scorecard and sentences are about: the primary contrast's, also where that is reliable
    change on it; else the first declared.  A contrast of tracks within IOP is primary for that question alone."""
    named = "" if tracks_are_primary(study) else "".join(study.comparison.primary[2:]).removeprefix("reliable_")
    return next((one for one in study.outcomes if one.name == named), next(iter(study.outcomes), None))


def standing_outcomes(study: Study) -> tuple[str, str]:
    """The outcomes that every study has, scores or not: at its last retention day."""
    last = max(study.retention.days)
    return (f"dropped_out_day{last}", f"retained_day{last}")
