"""C11 in words: whom the comparison cannot speak about, hints by risk and severity, and harm beside them."""

from pipeline.report.disclosure.held_back import is_held_back
from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.figures.severity import effect_figure, people_figure
from pipeline.report.fragment import Picture
from pipeline.report.names import arm_label, arm_phrase
from pipeline.report.numbers import count, enough_decimals, from_to, plain
from pipeline.report.released import Released
from pipeline.report.sentences.generic import UNADJUSTED, generic
from pipeline.report.sentences.strata import of_interaction, of_stratum
from pipeline.report.words import FEW, Sentence, reason
from pipeline.results import Result

DID = {
    "self_harm": "had harmed themselves",
    "ed_visit": "had been to an emergency room",
    "moved_up": "had moved to 24-hour care",
    "died": "had died",
}
HIDDEN = "Few people did, or none, or the number beside it would give few people away."
AMONG = {
    "self_harm": "people who were reached and asked",
    "ed_visit": "people who were reached and asked",
    "moved_up": "people whose records reach so far",
    "died": "people whose records reach so far",
}


def of_risk(released: Released, row: Result) -> Sentence:
    """A difference among people at one risk, with the harm at both levels beside it; the careless count as it is."""
    if row.analysis == "as_observed":
        return generic(released, row)
    said = of_stratum(released, row)
    if not isinstance(row.estimate, float):
        return said
    beside = [
        released.row(question="C11", measure="self_harm", arm=arm, day=row.day) for arm in (row.arm, row.reference)
    ]
    told = "; ".join(
        f"{arm_phrase(one.arm)} {per_hundred(one.estimate)}"
        for one in beside
        if one and isinstance(one.estimate, float)
    )
    untold = next((reason(one) for one in beside if one and is_held_back(one)), f"not known or hidden, because {FEW}")
    shown = all(one is not None and isinstance(one.estimate, float) for one in beside)
    harm = (
        "Beside it, of 100 people at any risk who were asked, as observed, these many had harmed themselves by day"
        f" {row.day}: {told}."
        if shown
        else f"How many harmed themselves is {untold}."
    )
    used = tuple(one.result_id for one in beside if one is not None)
    return Sentence(said.point, f"{said.whole} {harm}", said.tag, said.result_ids + used)


def of_harm(released: Released, row: Result) -> Sentence:
    """How many came to one harm by one day, at one level, as observed; what could have gone unseen where nobody did."""
    used, what = (row.result_id,), f"{DID[row.measure]} by day {row.day}"
    if any(map(is_suppressed, (row.estimate, row.numerator))):
        if is_held_back(row):
            return Sentence(f"{arm_label(row.arm)}: how many {what} is {reason(row)}.", "", "", used)
        return Sentence(f"{arm_label(row.arm)}: how many {what} is hidden.", HIDDEN, "", used)
    if not isinstance(row.estimate, float):
        why = f"The reason: {reason(row)}." if row.reason else ""
        return Sentence(f"{arm_label(row.arm)}: how many {what} is not known.", why, "", used)
    whom = f"{count(row.denominator)} {AMONG[row.measure]}"
    if row.estimate == 0:
        return Sentence(
            f"{arm_label(row.arm)}: nobody {what}, of {whom}.",
            f"That it was not seen does not mean that it cannot happen: up to {per_hundred(row.high)} in 100 would fit."
            f" {UNADJUSTED}",
            "",
            used,
        )
    return Sentence(
        f"{arm_label(row.arm)}: of 100 people, {per_hundred(row.estimate)} {what}.",
        f"Likely range {from_to(per_hundred(row.low), per_hundred(row.high))}, of {whom}. {UNADJUSTED}",
        "",
        used,
    )


def per_hundred(share: float | None) -> str:
    """'2.7', '0.08': people in a hundred with as many decimals as a rare thing needs."""
    if not isinstance(share, float):
        return "an unknown number"
    value = 100 * share
    return plain(value, 1 if value >= 1 else enough_decimals(value, [0.0], decimals=2))


def pictures(released: Released, row: Result) -> list[Picture]:
    """The figures of this question: title, what is below it, SVG or empty text."""
    return [
        (
            "The difference by score at the start: similar people",
            (
                "Shaded: 95% range at each score. Dashed: for the whole curve. Hatched: no similar people at both"
                " levels, so nothing is said."
            ),
            effect_figure(released, row, "severity-effect"),
        ),
        (
            "Who could have started at the other level",
            (
                "People, and the share of them who could plausibly have started at the other level; the darker, the"
                " more can be compared."
            ),
            people_figure(released, row, "severity-people"),
        ),
    ]


SENTENCES = {"difference": of_risk, "interaction": of_interaction, **{name: of_harm for name in DID}}
