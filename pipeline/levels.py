"""The levels of care, declared once: a new level is a row here, its codes in measures/level_of_care_codes.csv, and
words where a rule is about it alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level of care, or an event that is counted and never compared.

    code          as records spell it
    words         inside a sentence
    gap_days      longest silence within one stay, unless the study says otherwise
    arm           the arm it belongs to, unless the study says otherwise; empty where it is never compared
    is_24_hour    people sleep there
    sets_the_day  it can be the level of a day with several; an event stands beside whatever else happened
    """

    code: str
    words: str
    gap_days: int
    arm: str = ""
    is_24_hour: bool = False
    sets_the_day: bool = True


# In ascending intensity: a step down is a move to an earlier row, and the last of several on one day sets it.
COMPARED = (
    Level(code="OP", words="outpatient", gap_days=60, arm="outpatient"),
    Level(code="IOP", words="intensive outpatient", gap_days=30, arm="iop"),
    Level(code="PHP", words="partial hospitalization", gap_days=14, arm="php"),
    Level(code="RES", words="residential", gap_days=1, arm="inpatient", is_24_hour=True),
    Level(code="IP", words="inpatient", gap_days=1, arm="inpatient", is_24_hour=True),
)
# Kept and counted, never a compared level.
OTHERS = (
    Level(code="OTP", words="opioid treatment", gap_days=60),
    Level(code="WM", words="withdrawal management", gap_days=1, sets_the_day=False),
    Level(code="ED", words="emergency department", gap_days=1, sets_the_day=False),
)
UNKNOWN = "UNKNOWN"  # a service whose level nobody can tell

ARM_WORDS = {
    "outpatient": "outpatient care",
    "iop": "IOP",
    "php": "PHP",
    "inpatient": "inpatient care",
    "residential": "residential care",
}  # the arms of the defaults within a sentence

LEVELS = tuple(level.code for level in COMPARED)
EVENT_LEVELS = tuple(level.code for level in OTHERS)
INTENSITY = {code: place for place, code in enumerate(LEVELS, start=1)}
TWENTY_FOUR_HOUR = tuple(level.code for level in COMPARED if level.is_24_hour)
AMBULATORY = tuple(level.code for level in COMPARED if not level.is_24_hour)
DAY_ORDER = tuple([*reversed(LEVELS), *(level.code for level in OTHERS if level.sets_the_day), UNKNOWN])  # first claims
WORDS = {level.code: level.words for level in (*COMPARED, *OTHERS)}


def default_gaps() -> dict[str, int]:
    """Longest silence within one stay, by level."""
    return {level.code: level.gap_days for level in (*COMPARED, *OTHERS)}


def default_arms() -> dict[str, tuple[str, ...]]:
    """The arms of a study that names none, in ascending intensity."""
    arms = dict.fromkeys(level.arm for level in COMPARED)
    return {arm: tuple(level.code for level in COMPARED if level.arm == arm) for arm in arms}


def is_24_hour(levels: tuple[str, ...]) -> bool:
    """Whether any of these levels is one at which people sleep."""
    return bool(set(levels) & set(TWENTY_FOUR_HOUR))


def arm_words(arm: str) -> str:
    """An arm within a sentence: IOP, inpatient care, day program."""
    return ARM_WORDS.get(arm, arm.replace("_", " "))
