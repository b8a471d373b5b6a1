"""study.toml of a synthetic study: every default with its reason, the three outcomes, and the watermark."""

import re
from functools import partial

from pipeline.choices.asked import Outcome
from pipeline.start import section_lines, study_toml

CONTRASTS = (  # the last one has few sites and some refusals
    '[["iop", "inpatient"], ["iop", "outpatient"], ["iop", "php"]]'
)
PRIMARY = {
    "known_effect": {"primary": '["trauma", "general", "pcl5_day90"]'}
}  # what a scenario is about, where not IOP and inpatient
TITLE = "Outcomes by level of care (synthetic records)"
OUTCOMES = (
    Outcome(name="phq9_day90", instrument="PHQ9", margin=1.0, comparator_effect=2.0),
    Outcome(name="gad7_day90", instrument="GAD7", margin=0.8, comparator_effect=1.6),
    Outcome(name="pcl5_day90", instrument="PCL5", margin=2.0, comparator_effect=4.4),
)


def synthetic_study(name: str, regime: str, seed: int, scenario: str) -> str:
    """The text of study.toml."""
    text = study_toml(name)
    chosen = {
        "title": f'"{TITLE}"',
        "regime": f'"{regime}"',
        "synthetic": "true",
        "seed": str(seed),
        "contrasts": CONTRASTS,
    }
    for key, value in (chosen | PRIMARY.get(scenario, {})).items():
        text = re.sub(rf"(?m)^{key} = [^#\n]*?(?=   #|$)", partial(taken, f"{key} = {value}"), text, count=1)
    head, tail = text.split("[[outcomes]]", 1)
    comments = tail[tail.index("\n\n# [columns.sessions]") :]
    blocks = "\n".join("[[outcomes]]\n" + "\n".join(section_lines(outcome, {})) + "\n" for outcome in OUTCOMES)
    note = f'# Synthetic records, scenario "{scenario}"; the true answers are in truth.json beside this file.\n'
    return note + head + blocks + comments.removeprefix("\n")


def taken(line: str, _: re.Match[str]) -> str:
    """The line as it is: what re.sub would read in a string as groups is left alone."""
    return line
