"""The measure library in words: of 100 people, how many; charts, funnels and published figures beside them."""

from collections.abc import Mapping

from pipeline.report.disclosure.suppressed import Within, is_suppressed
from pipeline.report.names import arm_label, category, scale
from pipeline.report.numbers import count, in_hundred, percent, points
from pipeline.report.released import Released
from pipeline.report.sentences.unanswered import spread
from pipeline.report.words import WAITING_LIST, Sentence, bounded, reason, spelled, why_hidden
from pipeline.results import Result

UNADJUSTED = "As observed: not adjusted for who starts where."
CHANGES = (
    "reliable_improvement",
    "recovery",
    "response",
    "remission",
    "nhs_reliable_improvement",
    "nhs_recovery",
    "nhs_reliable_recovery",
    "depression_response",
    "depression_remission",
    "severity_adjusted_effect",
)  # over time, against nobody
IDS = (
    "assessed_again",
    "assessed_at_start",
    "attendance",
    "depression_follow_up_120_240",
    "depression_remission_120_240",
    "depression_remission_12_months",
    "depression_response_120_240",
    "engaged_34d",
    "engagement_iet",
    "follow_up_after_24h",
    "initiation_14d",
    "nhs_recovery",
    "nhs_recovery_from_intake",
    "nhs_reliable_deterioration",
    "nhs_reliable_deterioration_from_intake",
    "nhs_reliable_improvement",
    "nhs_reliable_improvement_from_intake",
    "nhs_reliable_recovery",
    "nhs_reliable_recovery_from_intake",
    "readmission_30",
    "recovery",
    "recovery_observed",
    "reliable_deterioration",
    "reliable_improvement",
    "reliable_improvement_observed",
    "remission",
    "remission_observed",
    "response",
    "response_observed",
    "retention_any_level",
    "retention_level_started",
    "severity_adjusted_effect",
)
Key = tuple[object, ...]
READ: dict[str, Mapping[Key, Result]] = {}  # the rows a sentence looks up, of the study that was read last


def looked_up(released: Released) -> Mapping[Key, Result]:
    """Definitions and harms by what they are about; read once for all the sentences of a study."""
    found = READ.get(released.results_hash)
    if found is None:
        found = {
            key_of(row): row
            for row in released.tables.results
            if row.question == "M" and (row.analysis == "measure_definition" or row.measure in HARMS)
        }
        READ.clear()
        if released.results_hash:
            READ[released.results_hash] = found
    return found


HARMS = ("reliable_deterioration", "nhs_reliable_deterioration", "nhs_reliable_deterioration_from_intake")


def key_of(row: Result, measure: str = "") -> Key:
    return (row.analysis, measure or row.measure, row.outcome, row.arm, row.site, row.period, row.payer, row.stratum)


def words(released: Released, measure: str, about: str) -> str:
    """What the library says of a measure: its sentence or its title."""
    row = looked_up(released).get(("measure_definition", measure, "", "", "", "", "", about))
    return row.note if row is not None else measure.replace("_", " ")


def measured(released: Released, row: Result) -> Sentence:
    """'IOP: Of 100 people who started here, 43 were still in care on day 90, at any level of care.'"""
    if row.analysis == "measure_definition":
        return Sentence(
            f"{words(released, row.measure, 'title')}, {row.stratum.replace('_', ' ')}: {row.note}",
            "",
            "",
            (row.result_id,),
        )
    if row.analysis == "benchmark":
        return published(released, row)
    place, title = where(released, row), words(released, row.measure, "title")
    if isinstance(row.estimate, Within):
        return Sentence(f"{place}: {title}: {bounded(row)}.", UNADJUSTED, "", (row.result_id,))
    if is_suppressed(row.estimate) or (row.estimate is None and is_suppressed(row.n)):
        return Sentence(f"{place}: {title}: {why_hidden(row)}.", "", "", (row.result_id,))
    if not isinstance(row.estimate, float):
        return Sentence(f"{place}: {title}: not known.", f"The reason: {reason(row)}.", "", (row.result_id,))
    if row.analysis in ("control_chart", "funnel"):
        line = "center line" if row.analysis == "control_chart" else "common to all sites"
        return Sentence(
            f"{place}: {title}, {line} {in_hundred(row.estimate)} of 100. {row.note}", UNADJUSTED, "", (row.result_id,)
        )
    write = in_hundred if row.unit == "share" else points
    said = words(released, row.measure, "says").replace("{number}", write(row.estimate)).replace("{day}", str(row.day))
    parts = [f"{spread(row, write).strip(' ()').capitalize()}.", behind(row)]
    used: tuple[str, ...] = (row.result_id,)
    if row.measure.startswith(CHANGES):
        harm = looked_up(released).get(key_of(row, harm_of(row.measure)))
        parts += [harm_words(harm), WAITING_LIST]
        used += (harm.result_id,) if harm is not None else ()
    return Sentence(f"{place}: {said}", " ".join(part for part in [*parts, UNADJUSTED] if part.strip(". ")), "", used)


def where(released: Released, row: Result) -> str:
    """'IOP, PHQ-9, site s01, 2025Q2'; the groups that the row is about."""
    scales = [scale(released.study, row.outcome)[0]] if row.outcome else []
    return ", ".join(
        [
            arm_label(row.arm),
            *scales,
            *([f"site {row.site}"] if row.site else []),
            *(one for one in (row.period, row.payer, category(row.stratum)) if one),
        ]
    )


def behind(row: Result) -> str:
    """The counts behind a share, and how many people where it counts visits."""
    if not isinstance(row.numerator, int) or not isinstance(row.denominator, int):
        return f"{count(row.n)} people." if isinstance(row.n, int) else ""
    if row.n != row.denominator:
        return f"{count(row.numerator)} of {count(row.denominator)}, for {count(row.n)} people."
    return f"{count(row.numerator)} of {count(row.denominator)}."


def harm_of(measure: str) -> str:
    if not measure.startswith("nhs_"):
        return HARMS[0]
    return HARMS[2] if measure.endswith("_from_intake") else HARMS[1]


def harm_words(harm: Result | None) -> str:
    """The harm beside a benefit: how many got reliably worse, or that nobody may say."""
    if harm is None or harm.estimate is None:
        return "How many got reliably worse is not known here."
    if isinstance(harm.estimate, Within):
        return f"Beside it, {percent(harm.estimate)} got reliably worse."
    if is_suppressed(harm.estimate):
        return f"How many got reliably worse is {why_hidden(harm)}."
    return f"Beside it, {in_hundred(harm.estimate)} of 100 got reliably worse."


def published(released: Released, row: Result) -> Sentence:
    """A published figure with its source and year; it stands beside own rates and is part of no comparison."""
    write = in_hundred if row.unit == "share" else points
    number = (
        f"{write(row.estimate)}{' of 100' if row.unit == 'share' else ''}"
        if isinstance(row.estimate, float)
        else "a range"
    )
    title = NAMED.get(row.measure, words(released, row.measure, "title").removeprefix("ending "))
    return Sentence(
        f"Published: {title}: {number}{spread(row, write)}.",
        f"{row.population} ({row.note}). Other people than here.",
        "",
        (row.result_id,),
    )


NAMED = {
    "effect_d": "change in standard deviations",
    "effect_d_av": "change in standard deviations, before and after averaged",
    "nhs_finished": "finished a course",
    "readmission": "readmission, as a risk ratio",
    "ending_dropped_out_or_terminated": "dropped out or terminated, as a risk ratio",
}


def side_by_side(released: Released, row: Result) -> Sentence:
    """Whether the order of the levels depends on which definition of one idea is taken."""
    scales = f" ({scale(released.study, row.outcome)[0]})" if row.outcome else ""
    what = f"{row.measure.replace('_', ' ').capitalize()}{scales}"
    return Sentence(f"{what}: {spelled(row.note)}", UNADJUSTED, "", (row.result_id,))


IDEAS = (
    "engagement",
    "measured_again",
    "recovery",
    "reliable_deterioration",
    "reliable_improvement",
    "reliable_recovery",
    "remission",
    "response",
    "retention",
)
PUBLISHED = (
    "effect_d",
    "effect_d_av",
    "ending_completed",
    "ending_dropped_out",
    "ending_dropped_out_or_terminated",
    "ending_other",
    "ending_terminated",
    "ending_transferred",
    "measured_again",
    "nhs_finished",
    "readmission",
)


def told(released: Released, row: Result) -> Sentence:
    """The sentence of a row of the measure library, by what the row is."""
    return side_by_side(released, row) if row.analysis == "definitions" else measured(released, row)


SENTENCES = {measure: told for measure in (*IDS, *IDEAS, *PUBLISHED)}
