"""Words for differences within groups of people, and for the test whether those differences differ."""

import re

from pipeline.measures.scales import scale_words
from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.names import NOT_IN_MODEL, category
from pipeline.report.numbers import p_value
from pipeline.report.released import Released
from pipeline.report.words import CANNOT, Sentence, difference, pair, reason, tag_of, why_hidden
from pipeline.results import Result

CHANCE = 0.05  # the usual line; what lies below it among exploratory questions is a hint
LOOKED_CLOSER = "With several groups looked at, one can look different by chance."


def of_stratum(released: Released, row: Result) -> Sentence:
    """The difference among people with one thing at the start: a hint, or why there is none."""
    used, whom = (row.result_id,), f"people with {read(row.stratum)}"
    if row.gate == "withheld":
        return Sentence(f"{pair(row)} cannot be compared for {whom}.", f"The reason: {reason(row)}.", CANNOT, used)
    if is_suppressed(row.estimate):
        return Sentence(f"{pair(row)} for {whom}: {why_hidden(row)}.", "", CANNOT, used)
    if row.estimator == "partially pooled":
        return Sentence(
            f"{pair(row)} for {whom}, pulled towards the average of all groups.",
            difference(released.study, row),
            tag_of(row),
            used,
        )
    return Sentence(
        f"A hint, not a finding, for {whom}: {pair(row)}.",
        f"{difference(released.study, row)} {LOOKED_CLOSER}",
        tag_of(row),
        used,
    )


def read(stratum: str) -> str:
    """A stratum as a reader calls it: the scale by its name, and a category by its own: 'Race and ethnicity: White'."""
    for instrument, words in scale_words().items():
        stratum = re.sub(rf"\b{instrument}\b", words.label, stratum)
    kind, colon, group = stratum.rpartition(": ")
    name = group.removesuffix(NOT_IN_MODEL)
    return f"{kind}{colon}{category(name)}{group[len(name) :]}" if colon else stratum


def of_interaction(released: Released, row: Result) -> Sentence:
    """Whether the difference depends on what people were like at the start."""
    used = (row.result_id,)
    if row.gate == "withheld":
        return Sentence(
            f"Whether the difference depends on the {row.stratum} cannot be said.",
            f"The reason: {reason(row)}.",
            CANNOT,
            used,
        )
    if not isinstance(row.p, float):
        return Sentence(f"Whether the difference depends on the {row.stratum}: {why_hidden(row)}.", "", CANNOT, used)
    if row.p < CHANCE:
        return Sentence(
            f"A hint that the difference is not the same for everybody: it varies with the {row.stratum}.",
            f"Chance alone would seldom make the groups this unlike ({p_value(row.p)}). {LOOKED_CLOSER}",
            "",
            used,
        )
    return Sentence(
        f"Nothing here shows that the difference depends on the {row.stratum}.",
        f"Chance alone could make the groups this unlike ({p_value(row.p)}); a real difference could still be there.",
        "",
        used,
    )
