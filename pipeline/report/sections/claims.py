"""The claims page: fifteen questions, each with its verdict, number, careless count, and what could still fool us."""

from pipeline.questions import Question, by_number, how_many
from pipeline.report.claims import asked, headline_of, naive_of, other_ways
from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.four_sentences import in_order
from pipeline.report.fragment import Fragment, ids, section, table, text
from pipeline.report.numbers import HIDDEN
from pipeline.report.questions.sentence_of import sentence_of, writer_of
from pipeline.report.released import Released
from pipeline.report.sections.four_sentences import tag
from pipeline.report.sections.pictures import pictures
from pipeline.report.sentences.generic import figure_of, noun_of, subject
from pipeline.report.words import CANNOT, Sentence, compared, reason, tag_of
from pipeline.results import Result

INTRO = (
    "These are claims that are made for intensive outpatient programs, asked of these records. A careless count is what"
    " the same records seem to say before anybody asks who was compared, who was measured, and from which day on."
)
NOT_ANSWERED = "Not answered: the results of this study hold no answer to this question."
CANNOT_ANSWER = "These records cannot answer this."
NO_SCALE = "no symptom scale is part of this study; measure one, and name it under [[outcomes]] in study.toml"
UNPLACED = ("difference", "risk_difference", "cost_difference")  # of two arms; without any, only the reason can be told
NOT_AN_ANSWER = "Withheld too, because it would be read as the answer."


def at_a_glance(released: Released) -> Fragment:
    """One row a question: verdict, number with its range, careless count, and how sure we are."""
    questions = by_number()
    rows = [headline_of(released, question.code) for question in questions]
    body = [
        [
            f'<a href="#{question.code.lower()}">{question.code}</a> {text(asked(question, row))}',
            text(verdict(row)) if row or released.study.outcomes or question.code != "C2" else "withheld",
            numbers(released, row),
            careless(released, row),
            tag(tag_of(row)) if row and tag_of(row) else "no verdict" if row else tag(CANNOT),
        ]
        for question, row in zip(questions, rows, strict=True)
    ]
    title = f"{how_many().capitalize()} questions"
    head = ["Question", "Verdict", "Number (likely range)", "Careless count", "How sure"]
    return Fragment(section(f"{title} at a glance", table(title, head, body, kind="glance"), note=INTRO), ids(rows))


def verdict(row: Result | None) -> str:
    """The verdict word; what stands in its place where there is none."""
    if row is None:
        return "not answered"
    if row.gate == "withheld":
        return "withheld"
    return HIDDEN if is_suppressed(row.estimate) else row.verdict or "described"


def numbers(released: Released, row: Result | None) -> str:
    """The number with its range, and what it counts."""
    if row is None or row.gate == "withheld":
        return '<span class="none">none</span>'
    return f"{text(figure_of(row))}<small>{text(noun_of(released.study, row))}</small>"


def careless(released: Released, row: Result | None) -> str:
    """The plainest careless count."""
    twin = next((one for one in naive_of(released, row) if one.gate != "withheld"), None) if row is not None else None
    if row is None or twin is None or row.gate == "withheld":
        return '<span class="none">none</span>'
    return text(figure_of(twin)) + (
        f"<small>{text(noun_of(released.study, twin))}</small>" if twin.measure != row.measure else ""
    )


def cards(released: Released) -> Fragment:
    """Each question with its answer in a sentence, and what stands beside it."""
    made, used = [], []
    below: list[str] = []
    for question in by_number():
        row = headline_of(released, question.code)
        used += [row, *naive_of(released, row)] if row is not None else []
        drawn = pictures(released, row)
        below += drawn.used
        made.append(card(released, question, row, drawn.html))
    return Fragment(section("The answers, one by one", "".join(made)), tuple(dict.fromkeys((*ids(used), *below))))


def card(released: Released, question: Question, row: Result | None, drawn: str = "") -> str:
    """One question; drawn: its figures."""
    answer = sentence(released, row, unscaled=question.code == "C2" and not released.study.outcomes)
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
        f" {text(asked(question, row))}</h3><p><strong>{text(answer.point)}</strong>"
        f" {text(answer.whole)}{tag(answer.tag)}</p><dl>{listing}</dl>{drawn}</article>"
    )


def sentence(released: Released, row: Result | None, *, unscaled: bool = False) -> Sentence:
    """The answer; a withheld one says why, which names what is missing; unscaled: nobody could ask, for lack of a
    scale."""
    if row is None:
        return (
            Sentence(CANNOT_ANSWER, f"The reason: {NO_SCALE}.", CANNOT, ())
            if unscaled
            else Sentence(NOT_ANSWERED, "", CANNOT, ())
        )
    if row.gate == "withheld" and not row.arm and row.measure in UNPLACED:
        return Sentence(CANNOT_ANSWER, f"The reason: {reason(row)}.", CANNOT, (row.result_id,))
    if row.analysis == "like_for_like":
        beside = {
            name: released.row(measure=measure, twin_of=row.result_id)
            for name, measure in (("detectable", "detectable_difference"), ("tipping", "tipping_point"))
        }
        return compared(released.study, row, None, **beside)
    if row.gate == "withheld" and writer_of(row) is None:
        return Sentence(CANNOT_ANSWER, f"The reason: {reason(row)}.", CANNOT, (row.result_id,))
    return sentence_of(released, row)


def naive(released: Released, row: Result | None) -> list[tuple[str, str]]:
    """The careless counts, each with why it differs."""
    twins = naive_of(released, row) if row is not None else ()
    if not twins or row is None:
        return []
    if all(twin.gate == "withheld" for twin in twins):
        return [("A careless count", text(NOT_AN_ANSWER))]
    told = [
        text(f"{counted(released, row, twin)} {why(twin)}".strip())
        for twin in twins
        if isinstance(twin.estimate, float)
    ]
    told = told or [text(f"{HIDDEN[0].upper()}{HIDDEN[1:]}.")]
    if len(told) == 1:
        return [("A careless count", told[0])]
    return [("Careless counts", f"<ul>{''.join(f'<li>{one}</li>' for one in told)}</ul>")]


def counted(released: Released, row: Result, twin: Result) -> str:
    """'Unadjusted: 0.9 points less (0.5 to 1.2 points less).'"""
    said = twin.measure == row.measure or twin.measure.replace("_", " ") in twin.estimator.lower()
    noun = noun_of(released.study, twin)
    what = "" if said else f", {noun[:1].lower()}{noun[1:]}"
    return f"{twin.estimator[:1].upper()}{twin.estimator[1:]}{what}: {figure_of(twin)}."


def why(twin: Result) -> str:
    """The twin's own sentence on why it differs."""
    note = twin.note.replace(" %", "%").rstrip(".")
    return f"{note}." if note[:1].isupper() else f"It counts {note}." if note else ""


def others(released: Released, row: Result | None) -> list[tuple[str, str]]:
    """What was asked beside a like-for-like headline: the same of other pairs, and staying beside leaving."""
    if row is None or row.analysis != "like_for_like":
        return []
    beside = [
        one
        for one in in_order(released)
        if one.question == row.question
        and one.result_id != row.result_id
        and (one.outcome == row.outcome or one.question == "C4")
    ]
    items = "".join(f"<li>{text(shortly(released, one))}</li>" for one in beside)
    return [("Asked as well", f"<ul>{items}</ul>")] if items else []


def shortly(released: Released, row: Result) -> str:
    """Another contrast in a line: whom, what, how much, and the verdict word."""
    if row.gate == "withheld":
        return f"{subject(released.study, row)}: withheld, {reason(row)}."
    return f"{subject(released.study, row)}: {figure_of(row)}; {row.verdict}."
