"""A study's choices as one frozen Study; every default stands beside its reason."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from pipeline.choices.answered import Disclosure, Gate, Sensitivity
from pipeline.choices.asked import (
    CORE,
    MORE,
    Borrowed,
    ComparisonChoices,
    Confounders,
    Cost,
    Durability,
    Outcome,
    Retention,
    Satisfaction,
    Schedule,
)
from pipeline.choices.records import EngineChoices, Episodes, Identifiers, Identity, Records
from pipeline.errors import StudyError
from pipeline.levels import default_arms

REGIMES = ("relative-days", "limited-data-set", "expert-determination")
CONFOUNDERS = (
    *CORE,
    *MORE,
    *("race_ethnicity", "psychosis", "track", "recommended_level"),
)  # all of them known on day 0; nothing later may enter
TRACKS = ("trauma", "general")  # the tracks of intensive outpatient care that question C10 compares
PERSPECTIVES = ("payer", "patient", "provider", "societal")
LEAST_PRESERVED = 0.5  # a margin may give away at most half of what the comparator does beyond natural course
NO_CHOICE = ("folder", "engine")  # parts of a study that no answer depends on
RESERVED = ("reliable_", "dropped_out", "retained", "cost_")  # outcomes the analysis names itself


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
        content = {f.name: jsonable(getattr(self, f.name)) for f in fields(Study) if f.name not in NO_CHOICE}
        return json.dumps(content, sort_keys=True)


def run_command(study: Study) -> str:
    """What makes everything anew, from where this study's records are."""
    return f"carelevels run {study.folder}{' --engine spark' if study.engine.tables else ''}"


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
