"""The claims page: fifteen questions by group (answered, open, cannot be asked here), each answer with its
number, the simple count, and what could still fool us."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.questions import Question, by_number, how_many
from pipeline.report.again import again, again_said
from pipeline.report.certainty import certainty
from pipeline.report.claims import (
    ANSWERED,
    CANNOT_BE_ASKED,
    HELD_GROUP,
    OPEN_GROUP,
    asked,
    group_of,
    headline_of,
    naive_of,
    other_ways,
)
from pipeline.report.compatible import compatible
from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.four_sentences import in_order, told_of
from pipeline.report.fragment import Fragment, ids, section, table, text
from pipeline.report.numbers import HIDDEN, plural
from pipeline.report.questions.sentence_of import sentence_of, writer_of
from pipeline.report.released import Released
from pipeline.report.sections.four_sentences import tag
from pipeline.report.sections.pictures import pictures
from pipeline.report.sentences.generic import figure_of, noun_of, subject
from pipeline.report.words import CANNOT, Sentence, reason, why_hidden
from pipeline.results import Result

INTRO = (
    "These are claims that are made for intensive outpatient programs, asked of these records. A simple count is what"
    " the same records seem to say before anybody asks who was compared, who was measured, and from which day on."
)
NOT_ANSWERED = "Not answered: the results of this study hold no answer to this question."
CANNOT_ANSWER = "These records cannot answer this."
NO_SCALE = "no symptom scale is part of this study; measure one, and name it under [[outcomes]] in study.toml"
NO_ANSWER = "the results of this study hold no answer to this question"
UNPLACED = ("difference", "risk_difference", "cost_difference")  # of two arms; without any, only the reason can be told
NOT_AN_ANSWER = "Withheld too, because it would be read as the answer."
CHEAPER = {"better": "cheaper", "worse": "dearer"}  # of money, more is neither better nor worse
Asked = tuple[Question, Result | None]


def grouped(released: Released) -> dict[str, list[Asked]]:
    """The questions with their answers, by group, by number in each."""
    found: dict[str, list[Asked]] = {ANSWERED: [], OPEN_GROUP: [], HELD_GROUP: [], CANNOT_BE_ASKED: []}
    for question in by_number():
        row = headline_of(released, question.code)
        found[group_of(row)].append((question, row))
    return found


def at_a_glance(released: Released) -> Fragment:
    """What is answered and what is open, a row a question; then, in a line each, what cannot be asked and why."""
    groups = grouped(released)
    made = [glance(released, name, groups[name]) for name in (ANSWERED, OPEN_GROUP) if groups[name]]
    without = (HELD_GROUP, CANNOT_BE_ASKED)
    drawn = {question.code: pictures(released, row) for name in without for question, row in groups[name]}
    made += [unanswerable(released, name, groups[name], drawn) for name in without if groups[name]]
    numbers = ", ".join(f"{len(some)} {name[0].lower()}{name[1:]}" for name, some in groups.items() if some)
    title = f"{how_many().capitalize()} questions at a glance"
    rows = [row for some in groups.values() for _, row in some]
    still = [
        one for _, row in groups[CANNOT_BE_ASKED] if row is not None for one in compatible(released, row).result_ids
    ]
    shown = [one for some in drawn.values() for one in some.used]
    inner = f"<p>{text(numbers)}.</p>{''.join(made)}"
    return Fragment(section(title, inner, note=INTRO), tuple(dict.fromkeys((*ids(rows), *still, *shown))))


def glance(released: Released, name: str, some: Sequence[Asked]) -> str:
    """One row a question: verdict, number with its range, simple count, and how sure we are."""
    body = [
        [
            f'<a href="#{question.code.lower()}">{question.code}</a> {text(asked(question, row))}',
            text(verdict(row)),
            numbers(released, row),
            simple(released, row),
            tag(certainty(released, row)) or "no verdict",
        ]
        for question, row in some
        if row is not None
    ]
    head = ["Question", "Verdict", "Number (likely range)", "Simple count", "How sure"]
    return f"<h3>{text(name)}</h3>{table(name, head, body, kind='glance')}"


def unanswerable(released: Released, name: str, some: Sequence[Asked], drawn: Mapping[str, Fragment]) -> str:
    """Each reason once, with the questions it stands against; drawn: the figures of each, by its code."""
    reasons: dict[str, list[Asked]] = {}
    for question, row in some:
        reasons.setdefault(why_not(released, question, row), []).append((question, row))
    items = "".join(
        f"<li>{''.join(refused(released, question, row) for question, row in them)}<p>{tag(CANNOT)} {text(why)}.</p>"
        f"{''.join(drawn[question.code].html for question, _ in them)}</li>"
        for why, them in reasons.items()
    )
    return f'<h3>{text(name)}</h3><ul class="refused">{items}</ul>'


def refused(released: Released, question: Question, row: Result | None) -> str:
    """The question, and what its records are compatible with where they are only too few for a verdict."""
    still = compatible(released, row).said if row is not None else ""
    return (
        f'<p id="{question.code.lower()}"><b>{question.code}</b> {text(f"{asked(question, row)} {still}".strip())}</p>'
    )


def why_not(released: Released, question: Question, row: Result | None) -> str:
    """Why a question cannot be answered, as the end of a sentence."""
    if row is None:
        words = NO_SCALE if question.code == "C2" and not released.study.outcomes else NO_ANSWER
    elif row.gate == "withheld" or row.reason:
        words = reason(row)
    else:
        words = f"the answer is {why_hidden(row)}" if is_suppressed(row.estimate) else NO_ANSWER
    return f"{words[0].upper()}{words[1:]}"


def verdict(row: Result) -> str:
    """The verdict word; of money, which way it goes."""
    return CHEAPER.get(row.verdict, row.verdict) if row.measure == "cost_difference" else row.verdict or "described"


def numbers(released: Released, row: Result) -> str:
    """The number with its range, and what it counts."""
    return f"{text(figure_of(row))}<small>{text(noun_of(released.study, row))}</small>{again(released, row)}"


def simple(released: Released, row: Result) -> str:
    """The plainest simple count."""
    twin = next((one for one in naive_of(released, row) if one.gate != "withheld"), None)
    if twin is None:
        return '<span class="none">none</span>'
    noun = f"<small>{text(noun_of(released.study, twin))}</small>" if twin.measure != row.measure else ""
    return text(figure_of(twin)) + noun + again(released, twin)


def cards(released: Released) -> Fragment:
    """Each question that has an answer, or an open one, in a sentence, and what stands beside it."""
    groups = grouped(released)
    made, used = "", []
    for name in (ANSWERED, OPEN_GROUP):
        for question, row in groups[name]:
            drawn = pictures(released, row)
            used += [*ids([row, *naive_of(released, row)] if row is not None else []), *drawn.used]
            made += card(released, question, row, drawn.html)
    return Fragment(section("The answers, one by one", made), tuple(dict.fromkeys(used)))


def card(released: Released, question: Question, row: Result | None, drawn: str = "") -> str:
    """One question; drawn: its figures."""
    answers = [as_of(released, row, sentence(released, row)), *other_half(released, row)]
    said = "".join(
        f"<p><strong>{text(one.point)}</strong> {text(one.whole)}{tag(one.tag)}</p>" for one in answers if one.point
    )
    depends = text(other_ways(released, row)) if row is not None else ""
    beside = [
        (name, words)
        for name, words in (*naive(released, row), ("Other choices", depends), *others(released, row))
        if words
    ]
    beside.append(("What could still fool us", text(question.fooled_by)))
    listing = "".join(f"<dt>{text(name)}</dt><dd>{words}</dd>" for name, words in beside)
    return (
        f'<article class="claim" id="{question.code.lower()}"><h3><span class="code">{question.code}</span>'
        f" {text(asked(question, row))}</h3>{said}<dl>{listing}</dl>{drawn}</article>"
    )


def as_of(released: Released, row: Result | None, said: Sentence) -> Sentence:
    """A sentence with the day of the edition that it stands from."""
    when = again_said(released, row).strip() if row is not None else ""
    return replace(said, behind=(*said.behind, when)) if when else said


def sentence(released: Released, row: Result | None) -> Sentence:
    """The answer; a withheld one says why, which names what is missing."""
    if row is None:
        return Sentence(NOT_ANSWERED, "", CANNOT, ())
    if row.gate == "withheld" and (writer_of(row) is None or (not row.arm and row.measure in UNPLACED)):
        return Sentence(CANNOT_ANSWER, f"The reason: {reason(row)}.", CANNOT, (row.result_id,))
    if row.analysis == "like_for_like":
        return told_of(released, row)
    return sentence_of(released, row)


def other_half(released: Released, row: Result | None) -> list[Sentence]:
    """What a question asks besides: doing better beside staying longer (C5), and those of whom nothing can be said
    (C11)."""
    if row is None:
        return []
    claim = released.row(question=row.question, analysis="claim")
    beside = released.row(question="C5", analysis="satisfaction", measure="rank_correlation")
    found = {"C5": beside, "C11": claim if claim is not row else None}.get(row.question)
    return [sentence_of(released, found)] if found is not None else []


def naive(released: Released, row: Result | None) -> list[tuple[str, str]]:
    """The simple counts, each with why it differs."""
    twins = naive_of(released, row) if row is not None else ()
    if not twins or row is None:
        return []
    if all(twin.gate == "withheld" for twin in twins):
        return [("A simple count", text(NOT_AN_ANSWER))]
    told = [
        text(f"{counted(released, row, twin)} {why(twin)}".strip())
        for twin in twins
        if isinstance(twin.estimate, float)
    ]
    told = told or [text(f"{HIDDEN[0].upper()}{HIDDEN[1:]}.")]
    if len(told) == 1:
        return [("A simple count", told[0])]
    return [("Simple counts", f"<ul>{''.join(f'<li>{one}</li>' for one in told)}</ul>")]


def counted(released: Released, row: Result, twin: Result) -> str:
    """'Unadjusted: 0.9 points less (0.5 to 1.2 points less).'"""
    said = twin.measure == row.measure or twin.measure.replace("_", " ") in twin.estimator.lower()
    noun = noun_of(released.study, twin)
    what = "" if said else f", {noun[:1].lower()}{noun[1:]}"
    return f"{twin.estimator[:1].upper()}{twin.estimator[1:]}{what}: {figure_of(twin)}.{again_said(released, twin)}"


def why(twin: Result) -> str:
    """The twin's own sentence on why it differs."""
    note = twin.note.replace(" %", "%").rstrip(".")
    return f"{note}." if note[:1].isupper() else f"It counts {note}." if note else ""


def others(released: Released, row: Result | None) -> list[tuple[str, str]]:
    """What was asked beside a like-for-like headline: the same of other pairs, and staying beside leaving; those that
    cannot be compared are counted, and their reasons stand on the research page."""
    if row is None or row.analysis != "like_for_like":
        return []
    beside = [
        one
        for one in in_order(released)
        if one.question == row.question
        and one.result_id != row.result_id
        and (one.outcome == row.outcome or one.question == "C4")
    ]
    told = [one for one in beside if one.gate != "withheld"]
    items = "".join(f"<li>{text(shortly(released, one))}</li>" for one in told)
    left = len(beside) - len(told)
    if left:
        items += (
            f'<li>{plural(left, "comparison")} withheld: <a href="research.html">the research page</a> says why.</li>'
        )
    return [("Asked as well", f"<ul>{items}</ul>")] if items else []


def shortly(released: Released, row: Result) -> str:
    """Another contrast in a line: whom, what, how much, and the verdict word."""
    return f"{subject(released.study, row)}: {figure_of(row)}; {row.verdict}.{again_said(released, row)}"
