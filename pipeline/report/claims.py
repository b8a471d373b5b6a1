"""The fifteen questions as a director would ask them, and what could fool the answer however carefully it is
counted."""

import re
from dataclasses import dataclass

from pipeline.report.four_sentences import in_order
from pipeline.report.names import arm_phrase
from pipeline.report.numbers import plain
from pipeline.report.released import Released
from pipeline.results import Result


@dataclass(frozen=True, slots=True)
class Claim:
    """One question: its code, its words (with the two arms it is about in braces), and what could still fool us."""

    code: str
    question: str
    fooled_by: str


CLAIMS = (
    Claim(
        "C1",
        "Do people in IOP get 9 to 19 hours of care a week?",
        "Hours on the schedule are not hours attended. Days billed without minutes are counted at an assumed length,"
        " and weeks with holidays or a late start pull the average down.",
    ),
    Claim(
        "C2",
        "Do people who start in {arm} do as well as similar people who start in {reference}?",
        "Who is sent where: people in greater danger start at the higher level, and what no record holds (support at"
        " home, a family's wish, a payer's pressure) cannot be evened out. People whose crisis brought them in would"
        " have come down in any case.",
    ),
    Claim(
        "C3",
        "Do people get better sooner in IOP than similar people in outpatient care?",
        "Whoever is measured more often is found better sooner; even with both levels on one schedule, some of that can"
        " remain. Those who leave stop being measured.",
    ),
    Claim(
        "C4",
        "Do fewer people leave early in {arm} than similar people in {reference}?",
        "Programs plan for different lengths of stay. One clinician's “left early” is another's “ended by the program”,"
        " and people who never came to a first session are in no record.",
    ),
    Claim(
        "C5",
        "Do people who are content with their care early on stay longer and do better?",
        "Doing better can make people content, rather than the other way round, and those who do not answer surveys are"
        " often those about to leave. What goes together need not cause one another.",
    ),
    Claim(
        "C6",
        "After 24-hour care, do people who start IOP within two weeks come back less often?",
        "Who gets a place: good discharge planning, insurance and the wish to go on help by themselves. Stays at other"
        " hospitals are seen only where the records reach them.",
    ),
    Claim(
        "C7",
        "Does care that starts in {arm} cost less than care that starts in {reference}, counting what follows?",
        "Charges, payments and costs are different things. What somebody else paid is not in these records, and care"
        " that a person walks away from is cheap.",
    ),
    Claim(
        "C8",
        "Do weekly hours come down as people get better?",
        "Hours can fall because people got better, because approved days ran out, or because people stopped coming."
        " This describes a pattern and says nothing of what fewer hours do.",
    ),
    Claim(
        "C9",
        "Does the mix of individual, group, family and medication sessions go with how people do?",
        "Clinicians choose the mix by need, and programs with another mix differ in much else. With many mixes looked"
        " at, some look good by chance.",
    ),
    Claim(
        "C10",
        "Do people with trauma symptoms do better in a trauma track than similar people in the general track?",
        "Who is offered the track, and who asks for it. Trauma scores fall after a peak whatever is done, and a form"
        " that asks about a week cannot be held against one that asks about a month.",
    ),
    Claim(
        "C11",
        "Is IOP enough for people at high risk?",
        "The people in the greatest danger hardly ever start in IOP, so there is nobody to compare them with. That a"
        " rare harm was not seen does not mean that it cannot happen.",
    ),
    Claim(
        "C12",
        "Are people measured often enough to notice when care should change?",
        "Who is measured is no accident: those who do badly, or those who keep coming, can be measured more. Whoever"
        " measures often usually does other things as well.",
    ),
    Claim(
        "C13",
        "Do gains last: half a year on, do people who started in {arm} do as well as similar people who started in"
        " {reference}?",
        "Few people answer a late follow-up, and those who do are usually the ones who do well. People who never"
        " improved have no gain to lose.",
    ),
    Claim(
        "C14",
        "Does IOP last from several weeks to a few months?",
        "Leaving early counts as a short stay. Charts that are closed late make stays look long, and stays that are"
        " still open are known only so far.",
    ),
    Claim(
        "C15",
        "Do people do better at the level that was recommended for them?",
        "Some recommendations are written after the place was found. A payer's refusal, or a long way to the program,"
        " can cause both another level and another outcome.",
    ),
)
TREATED = re.compile(r"treated:(\w+)")
LIKE_FOR_LIKE = ("C2", "C4")  # answered by the contrasts that the study declares, not by a claim row
PAIRS = {
    "C2": ("iop", "inpatient"),
    "C4": ("iop", "outpatient"),
    "C7": ("iop", "inpatient"),
    "C13": ("iop", "inpatient"),
}  # asked about where nothing was compared


def asked(claim: Claim, row: Result | None) -> str:
    """The question, about the two arms that its answer compares."""
    arm, reference = (row.arm, row.reference) if row is not None and row.reference else PAIRS.get(claim.code, ("", ""))
    return claim.question.format(arm=arm_phrase(arm), reference=arm_phrase(reference))


def headline_of(released: Released, code: str) -> Result | None:
    """The one row that answers a question: its claim row, or for C2 and C4 the first like-for-like contrast that is
    asked about."""
    if code not in LIKE_FOR_LIKE:
        return released.row(question=code, analysis="claim")
    rows = [row for row in in_order(released) if row.question == code]
    wanted = [row for row in rows if code == "C2" or row.outcome.startswith("dropped_out")] or rows
    first = next(iter(wanted), None) or released.row(
        question=code, analysis="like_for_like", arm=""
    )  # no two arms, only a reason
    return next((row for row in wanted if code == "C4" and (row.arm, row.reference) == PAIRS[code]), first)


def other_ways(released: Released, row: Result) -> str:
    """Whether the answer depends on a choice: how many of the other ways it was made read the same, and which do
    not."""
    made = released.row(measure="other_analyses", twin_of=row.result_id)
    agree = released.row(measure="other_analyses_agree", twin_of=row.result_id)
    if made is None or agree is None or not isinstance(made.estimate, float) or not isinstance(agree.estimate, float):
        return ""
    if made.estimate == agree.estimate:
        return f"It was made in {plain(made.estimate, 0)} other ways, and every one of them reads the same."
    named = TREATED.sub(lambda found: f"people like those in {arm_phrase(found[1])}", agree.note)
    changing = f" It reads otherwise with: {named}." if named else ""
    return (
        f"It was made in {plain(made.estimate, 0)} other ways, and {plain(agree.estimate, 0)} of them read the"
        f" same.{changing}"
    )


def naive_of(released: Released, row: Result) -> tuple[Result, ...]:
    """What careless counts would have said in its place, the plainest first."""
    return released.rows(analysis="as_observed", twin_of=row.result_id)
