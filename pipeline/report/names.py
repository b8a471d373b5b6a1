"""What things are called on pages: arms, outcomes, scales, and the color, line and marker that go with each arm."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.levels import ARM_WORDS, WORDS, is_24_hour
from pipeline.measures.scales import is_screen, scale_words
from pipeline.results import Result
from pipeline.study import Study

NOT_IN_MODEL = " (not in the model)"  # how a check ends of what is only checked
ARM_LABELS = {
    "outpatient": "Outpatient",
    "iop": "IOP",
    "php": "PHP",
    "inpatient": "Inpatient",
    "residential": "Residential",
    "trauma track": "The trauma track",
    "general track": "The general track",
    "as recommended": "The recommended level",
    "less than recommended": "A less intensive level than recommended",
    "more than recommended": "A more intensive level than recommended",
}
ARM_PHRASES = {
    **ARM_WORDS,
    "trauma track": "the trauma track",
    "general track": "the general track",
    "as recommended": "the recommended level",
    "less than recommended": "a less intensive level than recommended",
    "more than recommended": "a more intensive level than recommended",
}
SCREENS = {"UDS_OPIOID": "Opioids found in urine screens"}
CONFOUNDERS = {
    "baseline_score": "the score at the start",
    "suicide_risk": "suicide risk",
    "function": "functioning",
    "diagnosis_group": "diagnosis",
    "prior_24h_care": "24-hour care before",
    "prior_episodes": "earlier episodes",
    "sud": "substance use disorder",
    "referral_source": "referral source",
    "quarter": "quarter of start",
    "baseline_modality": "first contact in person or not",
    "race_ethnicity": "race and ethnicity",
    "recommended_level": "recommended level",
}


CATEGORIES = {
    "AIAN": "American Indian or Alaska Native",
    "ASIAN": "Asian",
    "BLACK": "Black",
    "HISP": "Hispanic",
    "NHPI": "Native Hawaiian or Pacific Islander",
    "WHITE": "White",
    "MULTI": "several",
    "OTHER": "other",
    "UNK": "unknown",
    "F": "female",
    "M": "male",
    "X": "another",
    "U": "unknown",
    "in_person": "in person",
    "sud": "substance use",
    "none": "none",
    "rare": "rare ones together",
    "others": "others together",
}
PAYERS = {"self": "self-pay", "none": "no payer", "other": "another payer"}


@dataclass(frozen=True, slots=True)
class Style:
    """How an arm is drawn; never by color alone."""

    color: str
    line: tuple[float, tuple[float, ...]] | str
    marker: str


STYLES = {
    "24-hour": Style("#14305C", (0, (5, 2)), "D"),
    "IOP": Style("#B8470F", "solid", "s"),
    "OP": Style("#187F75", (0, (1, 1)), "o"),
    "PHP": Style("#7A4FA3", (0, (4, 1.5, 1, 1.5)), "^"),
}
TRACK_ARMS = ("trauma track", "general track")
SPARE = (Style("#4B5563", (0, (3, 1)), "v"), Style("#8A1C4A", (0, (7, 2, 1, 2)), "P"))


def arm_label(arm: str) -> str:
    """The arm at the head of a row: IOP, Inpatient, Day program."""
    words = arm.replace("_", " ")
    return ARM_LABELS.get(arm, words[:1].upper() + words[1:])


def arm_phrase(arm: str) -> str:
    """The arm inside a sentence: IOP, inpatient care."""
    return ARM_PHRASES.get(arm, arm.replace("_", " "))


def arm_styles(study: Study) -> Mapping[str, Style]:
    """Each arm's style: by its level where one of the four known ones is free, else the next spare one; in study
    order."""
    styles: dict[str, Style] = {}
    spare = iter(SPARE * (len(study.arms) + 1))
    for arm, levels in study.arms.items():
        kind = "24-hour" if is_24_hour(levels) else levels[0] if levels else ""
        wanted = STYLES.get(kind)
        styles[arm] = wanted if wanted and wanted not in styles.values() else next(spare)
    return styles | {arm: next(spare) for arm in TRACK_ARMS}


def arm_contents(study: Study, arms: tuple[str, ...]) -> str:
    """Which levels each arm holds, where the name does not say so."""
    told = [
        f"{arm_label(arm)} here is {' and '.join(WORDS[level] for level in study.arms[arm])} care"
        for arm in arms
        if len(study.arms[arm]) > 1
    ]
    return ". ".join(told) + "." if told else ""


def scale(study: Study, outcome: str) -> tuple[str, str]:
    """The instrument of a score outcome and what it measures: ("PHQ-9", "depression")."""
    found = next((o.instrument for o in study.outcomes if o.name == outcome.removeprefix("reliable_")), outcome)
    words = scale_words().get(found) or scale_words().get(found.upper())  # a question names its scale, declared or not
    return (words.label, words.scores_of) if words else (found, "symptom")


def event(study: Study, outcome: str, day: int | None) -> str:
    """A yes-or-no outcome as what people did: 'were still in care at day 90'."""
    if outcome.startswith("retained"):
        return f"were still in care at day {day}"
    if outcome.startswith("dropped_out"):
        return f"had left early by day {day}"
    if outcome.startswith("readmitted"):
        return f"were back in 24-hour care by day {day}"
    if outcome == "ed_visit":
        return "told of an emergency visit"
    if outcome == "reliable":
        return f"had reliably improved by day {day}"
    if outcome.startswith("reliable_"):
        return f"had reliably improved on the {scale(study, outcome)[0]} at day {day}"
    return f"had the outcome “{outcome.replace('_', ' ')}”"


def outcome_label(study: Study, row: Result) -> str:
    """An outcome as the name of a row: 'PHQ-9 at day 90', 'Left early by day 90'."""
    if row.measure == "risk_difference":
        words = event(study, row.outcome, row.day).removeprefix("were ").removeprefix("had ")
        return words[0].upper() + words[1:]
    return f"{scale(study, row.outcome)[0]} at day {row.day}"


def confounder(name: str) -> str:
    """What is adjusted for, inside a sentence: 'suicide risk'."""
    return CONFOUNDERS.get(name, name.replace("_", " "))


def category(name: str) -> str:
    """A category of a covariate as pages call it."""
    return CATEGORIES.get(name, name.replace("_", " "))


def group_label(column: str, name: str) -> str:
    """A payer or a race at the head of a column: 'Medicaid', 'Self-pay', 'Black'; a site by its code."""
    if column == "site":
        return name
    words = PAYERS.get(name, category(name)) if column == "payer" else category(name)
    return words[:1].upper() + words[1:]


def screened(study: Study, outcome: str) -> str:
    """What a yes-or-no screen of the study counts, at the head of a sentence; empty for a scale."""
    found = next((one.instrument for one in study.outcomes if one.name == outcome and is_screen(one.instrument)), "")
    return screen_label(found) if found else ""


def screen_label(instrument: str) -> str:
    """A yes-or-no screen as pages call it; its id where no words are known."""
    return SCREENS.get(instrument, f"{instrument} found something")
