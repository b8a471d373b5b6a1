"""The tables of raw records, declared once.

Checks, data dictionary, templates and synthetic records are all made from these declarations.
Input declarations are in domain order; each column says what it costs when it is absent.
"""

from dataclasses import dataclass
from typing import Literal

from pipeline.endings import CODES as ENDINGS
from pipeline.levels import EVENT_LEVELS, LEVELS

Kind = Literal["id", "code", "text", "int", "num", "bool", "day", "age", "zip3", "period"]
Need = Literal["required", "recommended", "optional"]

STATUSES = ("attended", "no_show", "client_cancel_late", "client_cancel", "provider_cancel", "bed_day")
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a raw table.

    name      as the file spells it; a day column `service` is written `service_day` (integer) or `service_date` (ISO
              date)
    kind      how it is read and which identifier rules apply to it
    need      required: no column, no file; no value, no row.  Otherwise it may be absent and `meaning` says what it
              costs
    allowed   closed vocabulary; empty where open
    low, high inclusive range of a number
    care      True where the value can single a person out in a small cell (quasi-identifier)
    """

    name: str
    kind: Kind
    need: Need
    meaning: str
    allowed: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    care: bool = False

    @property
    def spellings(self) -> tuple[str, ...]:
        """The column names a file may use for this column."""
        if self.kind == "day":
            return (f"{self.name}_day", f"{self.name}_date")
        return (self.name,)

    @property
    def staged(self) -> str:
        """The column's name in staging; every day is an integer there."""
        return f"{self.name}_day" if self.kind == "day" else self.name

    @property
    def sql_type(self) -> str:
        """The column's type in staging."""
        return {"int": "INTEGER", "age": "INTEGER", "num": "DOUBLE", "bool": "BOOLEAN", "day": "INTEGER"}.get(
            self.kind, "VARCHAR"
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """A breach that a row can commit beyond its columns' own types and ranges.

    breach    SQL over the staged columns that is TRUE where the rule is broken
    severity  quarantine: the row is kept apart; warning: the row stays and the breach is counted
    """

    name: str
    breach: str
    severity: Literal["quarantine", "warning"]
    sentence: str


@dataclass(frozen=True, slots=True)
class Table:
    """One raw table: its grain, its links to other tables and its columns."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    links: tuple[tuple[str, str], ...] = ()  # (column, table whose key it must exist in)
    rules: tuple[Rule, ...] = ()
    optional: bool = False

    def column(self, name: str) -> Column:
        """The declared column of that name; KeyError where there is none."""
        return {column.name: column for column in self.columns}[name]


def required(name: str, kind: Kind, meaning: str, allowed: tuple[str, ...] = (), **more: object) -> Column:
    """A column without which a row cannot be used."""
    return Column(name, kind, "required", meaning, allowed, **more)  # type: ignore[arg-type]


def recommended(name: str, kind: Kind, meaning: str, allowed: tuple[str, ...] = (), **more: object) -> Column:
    """A column whose absence costs an analysis."""
    return Column(name, kind, "recommended", meaning, allowed, **more)  # type: ignore[arg-type]


def optional(name: str, kind: Kind, meaning: str, allowed: tuple[str, ...] = (), **more: object) -> Column:
    """A column that only some questions use."""
    return Column(name, kind, "optional", meaning, allowed, **more)  # type: ignore[arg-type]


PATIENTS = Table(
    "patients",
    "one row per person",
    ("patient_id",),
    (
        required("patient_id", "id", "random token made by the site"),
        recommended(
            "observed_from",
            "day",
            "first day on which this person's services would be seen; required under relative days",
        ),
        recommended(
            "observed_to", "day", "last day on which this person's services would be seen; required under relative days"
        ),
        recommended("birth_year", "int", "year of birth; or give age_at_index", low=1900, high=2100, care=True),
        recommended(
            "age_at_index", "age", "years at first service; 90+ for anyone older than 89", low=0, high=130, care=True
        ),
        recommended("sex", "code", "", ("F", "M", "X", "U"), care=True),
        optional("gender_identity", "code", "the program's own short codes", care=True),
        recommended(
            "race_ethnicity",
            "code",
            "",
            ("AIAN", "ASIAN", "BLACK", "HISP", "NHPI", "WHITE", "MULTI", "OTHER", "UNK"),
            care=True,
        ),
        optional("state", "code", "two-letter postal abbreviation", care=True),
        optional("zip3", "zip3", "first three digits; restricted ones become 000", care=True),
        optional("education", "code", "TEDS categories"),
        optional("employment", "code", "TEDS categories"),
        optional(
            "housing",
            "code",
            "TEDS categories: homeless, dependent, independent",
            ("homeless", "dependent", "independent"),
        ),
        optional("veteran", "bool", ""),
        optional("marital", "code", "TEDS categories"),
        recommended("prior_episodes_lifetime", "int", "treatment episodes before the first one here", low=0, high=200),
    ),
    rules=(
        Rule(
            "observation_ends_before_it_starts",
            "observed_to_day < observed_from_day",
            "quarantine",
            "observation ends before it starts",
        ),
    ),
)

EPISODES = Table(
    "episodes",
    "one row per stay at one level of care in one program, as the program recorded it",
    ("episode_id",),
    (
        required("episode_id", "id", "random token made by the site"),
        required("patient_id", "id", "whose episode"),
        required("program_id", "id", "a code, not a name"),
        recommended("level_of_care", "code", "may be left to the sessions", LEVELS + EVENT_LEVELS),
        optional(
            "asam_level", "code", "", ("0.5", "1", "1.5", "1.7", "2.1", "2.5", "2.7", "3.1", "3.3", "3.5", "3.7", "4")
        ),
        optional("asam_edition", "int", "3 or 4; editions are never mixed in one model", low=3, high=4),
        optional(
            "recommended_level", "code", "level recommended at intake; without it concordance is not assessed", LEVELS
        ),
        optional("locus_composite", "int", "composite only; the instrument itself is licensed", low=7, high=35),
        required("start", "day", "first attended contact"),
        recommended("end", "day", "last attended contact, never the closure of the chart"),
        optional(
            "end_latest",
            "day",
            "where only a range is known: the latest day the last contact can have been; `end` is then the earliest",
        ),
        recommended("admit_year", "period", "YYYY or YYYYQn; taken from the dates where there are dates"),
        recommended(
            "referral_source",
            "code",
            "",
            ("self", "provider", "school", "employer", "court", "hospital", "payer", "other"),
        ),
        optional("mandated", "bool", "treatment ordered by a court or authority"),
        recommended("payer", "code", "", ("medicare", "medicaid", "commercial", "self", "other", "none"), care=True),
        recommended("primary_dx", "code", "ICD-10-CM, 3 to 5 characters", care=True),
        recommended("sud_flag", "bool", "substance use disorder"),
        recommended("trauma_flag", "bool", "trauma exposure or PTSD"),
        recommended("psychosis_flag", "bool", ""),
        optional("telehealth_share", "num", "after the start: description only, never a confounder", low=0, high=1),
        recommended("prior_24h_care_12m", "bool", "an inpatient or residential stay in the 12 months before"),
        optional("track", "code", "general, trauma, sud, eating …; without it the trauma track is not assessed"),
        recommended("planned_weeks", "num", "", low=0, high=260),
        recommended("planned_hours_per_week", "num", "", low=0, high=168),
        optional("medication_for_sud", "bool", ""),
    ),
    links=(("patient_id", "patients"),),
    rules=(
        Rule("ends_before_it_starts", "end_day < start_day", "quarantine", "the episode ends before it starts"),
        Rule(
            "range_of_ends_upside_down",
            "end_latest_day < end_day",
            "quarantine",
            "the latest day of the last contact lies before the earliest",
        ),
        Rule("very_long_stay", "end_day - start_day > 365", "warning", "longer than 365 days: probably closed late"),
    ),
)

SESSIONS = Table(
    "sessions",
    "one row per scheduled service or bed day",
    ("session_id",),
    (
        required("session_id", "id", "random token made by the site"),
        required("patient_id", "id", "who"),
        recommended("episode_id", "id", "the recorded episode it belongs to"),
        required("program_id", "id", "a code, not a name"),
        optional("level_of_care", "code", "as in episodes", LEVELS + EVENT_LEVELS),
        recommended("therapist_id", "id", "a code"),
        required("service", "day", "the day it was scheduled for"),
        required("status", "code", "what happened", STATUSES),
        recommended(
            "service_type",
            "code",
            "",
            (
                "individual",
                "group",
                "family",
                "medication",
                "case_mgmt",
                "peer",
                "somatic",
                "assessment",
                "milieu",
                "crisis",
            ),
        ),
        recommended("minutes_scheduled", "num", "may be empty only for per-diem codes and bed days", low=0, high=1440),
        recommended("minutes_attended", "num", "", low=0, high=1440),
        recommended("modality", "code", "", ("in_person", "video", "phone")),
        optional("cpt_hcpcs", "code", ""),
        optional("revenue_code", "code", "four digits"),
        optional("pos", "code", "place of service, two digits"),
        optional("condition_code", "code", "41 PHP, 92 IOP"),
        optional("bill_type", "code", "type of bill"),
        optional("apc", "code", "ambulatory payment class"),
    ),
    links=(("patient_id", "patients"),),
    rules=(
        Rule(
            "attended_longer_than_scheduled",
            "minutes_attended > 1.5 * minutes_scheduled",
            "warning",
            "attended more than one and a half times the scheduled minutes",
        ),
        Rule(
            "minutes_without_attendance",
            "status IN ('no_show', 'client_cancel_late', 'client_cancel', 'provider_cancel') AND minutes_attended > 0",
            "warning",
            "minutes attended on a session that did not happen: counted as not attended",
        ),
    ),
)

ASSESSMENTS = Table(
    "assessments",
    "one row per instrument and subscale administered",
    ("patient_id", "instrument_id", "subscale", "assessed_day"),
    (
        required("patient_id", "id", "who"),
        optional("episode_id", "id", "the recorded episode it belongs to"),
        required("instrument_id", "code", "as in measures/instruments.csv"),
        optional("subscale", "code", "empty for the total"),
        required("assessed", "day", ""),
        required("score", "num", "total or subscale, on the declared scale"),
        optional("n_items_answered", "int", "", low=0, high=200),
        recommended("occasion", "code", "", ("intake", "during", "discharge", "followup")),
        optional("mode", "code", "", ("self", "clinician", "proxy", "paper", "electronic")),
        *(optional(f"item_{i}", "num", "free instruments only", low=0, high=30) for i in range(1, 37)),
        optional("recall_variant", "code", "such as the weekly PCL-5; variants are never mixed"),
    ),
    links=(("patient_id", "patients"),),
)

DISCHARGES = Table(
    "discharges",
    "one row per ended episode",
    ("episode_id",),
    (
        required("episode_id", "id", "which recorded episode ended"),
        recommended("discharge", "day", "closure of the chart, used only to measure its lag"),
        required("ending", "code", "why it ended", ENDINGS),
        recommended("planned_ending", "bool", ""),
        optional("destination_level", "code", "", LEVELS + EVENT_LEVELS),
        optional("referral_made", "bool", ""),
        optional("appointment_within_7d", "bool", ""),
        optional("readiness", "code", ""),
    ),
    links=(("episode_id", "episodes"),),
)

FOLLOWUPS = Table(
    "followups",
    "one row per attempt to reach a person after the start",
    ("patient_id", "contact_day", "source", "control_outcome"),
    (
        required("patient_id", "id", "who"),
        recommended("window", "code", "", ("7d", "30d", "90d", "180d", "365d")),
        required("contact", "day", ""),
        required(
            "reached",
            "code",
            "rows of people not reached are the denominator",
            ("reached", "refused", "not_reached", "died", "wrong_contact"),
        ),
        optional("readmitted", "bool", ""),
        optional("readmitted_on", "day", "day of the readmission, written readmitted_on_day or readmitted_on_date"),
        optional("readmitted_level", "code", "", LEVELS + EVENT_LEVELS),
        optional("ed_visit", "bool", ""),
        optional("self_harm", "bool", ""),
        optional("abstinent_30d", "bool", ""),
        optional("employed", "bool", ""),
        optional("alive", "bool", ""),
        optional("control_outcome", "code", "name of an outcome that no level of care can change"),
        optional("value", "int", "0 or 1, for control outcomes", low=0, high=1),
        required("source", "code", "", ("survey", "claims", "registry", "chart")),
    ),
    links=(("patient_id", "patients"),),
)

COSTS = Table(
    "costs",
    "one row per amount; no key, exact repeats are kept and reported",
    (),
    (
        required("patient_id", "id", "who"),
        optional("episode_id", "id", "the recorded episode it belongs to"),
        required("service", "day", "day of the service; a month may be written as its first day"),
        optional("level_of_care", "code", "", LEVELS + EVENT_LEVELS),
        required("amount", "num", "", low=-1e7, high=1e7),
        required(
            "amount_kind",
            "code",
            "kinds are never mixed in one analysis",
            ("paid", "allowed", "charge", "cost", "standard_price"),
        ),
        required("currency", "code", "three letters"),
        required("price_year", "int", "", low=1990, high=2100),
        required("perspective", "code", "", ("payer", "patient", "provider", "societal")),
        optional("units", "num", "", low=0, high=100000),
        optional("unit_price", "num", "", low=0, high=1e6),
    ),
    links=(("patient_id", "patients"),),
)

PROGRAMS = Table(
    "programs",
    "one row per program",
    ("program_id",),
    (
        required("program_id", "id", "a code, not a name"),
        recommended("level_of_care", "code", "", LEVELS + EVENT_LEVELS),
        recommended("site", "id", "a code; without it every program counts as a site of its own"),
        optional("capacity", "int", "", low=0, high=100000),
        optional("model", "code", ""),
        optional("public_label", "code", "a code that may stand on pages"),
    ),
    optional=True,
)

PROVIDERS = Table(
    "providers",
    "one row per therapist",
    ("therapist_id",),
    (
        required("therapist_id", "id", "a code"),
        optional("credential", "code", ""),
        optional("start_year", "int", "", low=1940, high=2100),
    ),
    optional=True,
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (PATIENTS, EPISODES, SESSIONS, ASSESSMENTS, DISCHARGES, FOLLOWUPS, COSTS, PROGRAMS, PROVIDERS)
}
