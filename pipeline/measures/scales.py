"""What scales are called: the one part of the measure library that pages read."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.measures.library import instruments


@dataclass(frozen=True, slots=True)
class ScaleWords:
    """A scale as pages call it: `PHQ-9`, and what its scores are of: `depression`."""

    label: str
    scores_of: str


def is_screen(instrument: str) -> bool:
    """Whether an instrument says yes or no, 1 or 0, so that its mean is a share."""
    row = instruments().get(instrument, {})
    return (row.get("total_min"), row.get("total_max")) == ("0", "1")


@cache
def scale_words() -> Mapping[str, ScaleWords]:
    """The words of every instrument, by instrument_id."""
    return {name: ScaleWords(row["label"], row["scores_of"]) for name, row in instruments().items()}


def published_reliability(instrument: str) -> tuple[str, ...]:
    """What is known of a scale, '' where it is not: points of reliable change, internal consistency, retest, the
    standard deviation behind it, and where it is from."""
    found = instruments().get(instrument, {})
    return tuple(found.get(name, "") for name in ("rci_default", "alpha", "retest_r", "sd_ref", "rci_source"))
