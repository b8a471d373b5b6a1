"""The four answers at the head of the director page: the primary contrast first, staying in care, and what to watch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.choices.asked import Outcome
from pipeline.report.again import again_said
from pipeline.report.briefly import in_brief
from pipeline.report.certainty import certainty, choice, none_turns, turning, verdict_word
from pipeline.report.compatible import LIMITS_HIDDEN, compatible, with_borrowing
from pipeline.report.disclosure.held_back import is_held_back
from pipeline.report.disclosure.suppressed import HELD_BACK, Within
from pipeline.report.names import arm_phrase, event, scale, screened
from pipeline.report.numbers import HIDDEN, day, listed, marked, percent, plain
from pipeline.report.released import Released
from pipeline.report.standing_in import staying
from pipeline.report.words import CANNOT, Sentence, amount, compared, for_whom, margin, pair, reason, why_hidden
from pipeline.results import GateWord, Result, Verdict
from pipeline.study import TRACKS, main_outcome, tracks_are_primary

AS_OBSERVED = "Different people start at each level, so these figures do not compare the levels."
HARMS = (("self_harm", "self-harm"), ("died", "died"))  # emergency visits stand on the scorecard
FEW_OR_NONE = f"{HIDDEN} (few people, or nobody)"  # what is hidden must not read as a harm that came to some
NOT_KNOWN = "Whether anybody harmed themselves or died is not known: these records do not say."
NO_HARM = f"{NOT_KNOWN} Nor is it known who got worse: nothing on this page speaks of harm."


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer in a line: a word, the point, its number with the range, how sure we are; and why, for who asks."""

    word: str
    point: str
    number: str
    tag: str
    why: tuple[str, ...]
    result_ids: tuple[str, ...]


NO_SCALE = Answer(
    CANNOT,
    "No symptom scale is part of this study.",
    "Nothing on this page says whether symptoms got better.",
    "",
    (),
    (),
)


def four_answers(released: Released) -> tuple[Answer, ...]:
    """At most four answers, each from stored rows: primary contrast, next contrast, leaving early, and what to
    watch."""
    contrasts = in_order(released)
    first = contrasts[0] if contrasts else None
    others = [row for row in contrasts[1:] if first and row.outcome == first.outcome][:1]
    leaving = [row for row in contrasts[1:] if row.outcome.startswith("dropped_out") and row not in others]
    carries = [row for row in leaving if isinstance(row.estimate, float)][:1]
    told = [answer_of(released, row) for row in (*contrasts[:1], *others, *carries)]
    told += [] if carries else leaving_or_staying(released, leaving)
    score = main_outcome(released.study)
    return (*told, watch(released, score)) if score else (*told, NO_SCALE, *known_harm(released))


def beyond(released: Released) -> tuple[str, tuple[str, ...]]:
    """The other declared comparisons of the first one's outcome, each in its point, and the levels in none; the ids of
    the rows told."""
    contrasts = in_order(released)
    rows = [row for row in contrasts[1:] if row.outcome == contrasts[0].outcome][1:]
    within = {arm for row in contrasts for arm in (row.arm, row.reference)}
    alone = [arm_phrase(arm) for arm in released.arms if contrasts and arm not in within]
    told = [f"Compared as well, see “Like for like”: {' '.join(point(released, row) for row in rows)}"] if rows else []
    if alone:
        told.append(
            f"No comparison with {listed(alone)} is part of this study: name one under [comparison] contrasts in"
            " study.toml."
        )
    return " ".join(told), tuple(row.result_id for row in rows)


def point(released: Released, row: Result) -> str:
    """A contrast in few words, without its number."""
    return told_of(released, row).point if verdict_word(row) == CANNOT else in_brief(released.study, row)[0]


def in_order(released: Released) -> tuple[Result, ...]:
    """Like-for-like contrasts, the primary one first, then in study order: never by outcome size."""
    rows = [row for row in released.rows(analysis="like_for_like") if row.reference]
    primary = tuple(released.study.comparison.primary)
    if tracks_are_primary(released.study):
        primary = (*(f"{track} track" for track in TRACKS), primary[2])
        rows += released.rows(question="C10", analysis="claim")
    return tuple(sorted(rows, key=lambda row: (row.arm, row.reference, row.outcome) != primary))


def told_of(released: Released, row: Result) -> Sentence:
    """A contrast in words, with what the unadjusted figures would have said."""
    twin = released.row(analysis="as_observed", twin_of=row.result_id)
    beside = {
        name: released.row(measure=measure, twin_of=row.result_id)
        for name, measure in (("detectable", "detectable_difference"), ("tipping", "tipping_point"))
    }
    open_to = compatible(released, row)
    if open_to.said and not open_to.told.endswith(LIMITS_HIDDEN):
        beside["detectable"] = None  # what would have shown says less than what the limits leave open
    said = replace(compared(released.study, row, twin, **beside), tag=certainty(released, row))
    lent = with_borrowing(released, row)
    if lent.said:
        said = replace(said, behind=(*said.behind, lent.said), result_ids=(*said.result_ids, *lent.result_ids))
    if not open_to.said:
        return said
    ids = (*said.result_ids, *open_to.result_ids)
    if row.gate == "withheld":
        point, detail = f"{pair(row)}: too few people for a verdict.", f"{open_to.said} The reason: {reason(row)}."
        return replace(said, point=point, detail=detail, result_ids=ids)
    return replace(said, detail=f"{said.detail} {open_to.said}", result_ids=ids)


def answer_of(released: Released, row: Result) -> Answer:
    """A contrast in one line, and why."""
    said, word, open_to = told_of(released, row), verdict_word(row), compatible(released, row)
    if word == CANNOT:
        number, more = in_short(said.detail), said.behind
        if open_to.said and row.gate == GateWord.WITHHELD:
            number = open_to.told
            more = (*filter(None, (f"The reason: {reason(row)}.", open_to.narrower)), *more)
        elif number != said.detail:
            more = (said.detail, *more)
        return Answer(word, said.point, number + again_said(released, row), "", more, said.result_ids)
    point, number = in_brief(released.study, row)
    why = (*filter(None, (open_to.said,)), *said.behind, *reasons(released, row))
    return Answer(word, point, number + again_said(released, row), said.tag, why, said.result_ids)


def in_short(detail: str) -> str:
    """A refusal with the gravest of its reasons; the others stand under Why."""
    first, more, rest = detail.partition("; ")
    return f"{first}." if more and rest else detail


def reasons(released: Released, row: Result) -> Iterator[str]:
    """What the margin is, how many other ways agree and which turn it round, who was measured, and for whom it
    holds."""
    if row.verdict in (Verdict.NOT_WORSE, Verdict.WORSE_WITHIN, Verdict.WORSE_BEYOND, Verdict.DEPENDS) and row.margin:
        declared = margin(row).removeprefix("the margin of ")
        yield (
            f"The margin, {declared} on the {scale(released.study, row.outcome)[0]}, is the largest difference that"
            " this study declared too small to matter."
        )
    made, agree = (released.row(measure=name, twin_of=row.result_id) for name in WAYS)
    if (
        made is not None
        and agree is not None
        and isinstance(agree.estimate, float)
        and isinstance(made.estimate, float)
    ):
        none = ", and none turns it round" if agree.estimate < made.estimate and none_turns(released, row) else ""
        if made.estimate:
            yield f"{plain(agree.estimate, 0)} of {plain(made.estimate, 0)} other defensible ways read the same{none}."
    for one in turning(released, row):
        yield f"It turns round with another choice: {choice(one)} ({amount(one)})."
    measured = {
        d.arm: percent(d.after)
        for d in released.tables.diagnostics
        if d.result_id == row.result_id and d.check == "observed_share" and d.arm and isinstance(d.after, float)
    }
    if measured and row.unit != "share":
        sides = [arm for arm in (row.arm, row.reference) if arm in measured]
        shares = listed(f"{measured[arm]} of {arm_phrase(arm)}" for arm in sides)
        others = "" if set(measured.values()) == {"100%"} else "; similar people stand in for the others"
        yield f"The score at day {row.day} is there for {shares}{others}."
    if bound := for_whom([row]):
        yield bound


WAYS = ("other_analyses", "other_analyses_agree")


def leaving_or_staying(released: Released, compared_not: Sequence[Result]) -> list[Answer]:
    """Who had left early, as observed; where that was not written down, who was still in care; and why similar
    people could not be compared in it."""
    day = max(released.study.retention.days)
    left = [staying(released, "dropped_out", arm, day) for arm in released.arms]
    measure = "dropped_out" if any(row and isinstance(row.estimate, float) for row in left) else "retained"
    rows = [row for arm in released.arms if (row := staying(released, measure, arm, day))]
    if not rows:
        return []
    did = event(released.study, measure, day)
    shares = at_each(released, rows)
    ids = tuple(row.result_id for row in rows)
    reasons = dict.fromkeys(
        f"{pair(row)} cannot be compared in who left early: {reason(row) or why_hidden(row)}."
        for row in compared_not[:2]
    )
    return [Answer("As observed", f"How many {did}: {shares}.", "", "", (AS_OBSERVED, *reasons), ids)]


def at_each(released: Released, rows: Sequence[Result]) -> str:
    """'outpatient 22%, IOP 24% (as of 31 Jan 2026)', in study order."""
    return ", ".join(
        f"{short(row.arm)} {HELD_BACK if is_held_back(row) else percent(row.estimate)}"
        + (f" (as of {day(when)})" if (when := released.released_on(row)) else "")
        for row in rows
    )


def short(arm: str) -> str:
    """'inpatient', 'IOP': a level among others in a list."""
    return arm_phrase(arm).removesuffix(" care")


def watch(released: Released, outcome: Outcome) -> Answer:
    """The harm that is known at each level, as observed, those who got reliably worse first, beside those who got
    better."""
    pairs = [
        (
            released.row(analysis="scorecard", measure="reliably_deteriorated", outcome=outcome.name, arm=arm),
            released.row(analysis="scorecard", measure="reliably_improved", outcome=outcome.name, arm=arm),
        )
        for arm in released.arms
    ]
    both = [(worse, better) for worse, better in pairs if worse is not None and better is not None]
    harm = known_harm(released)
    if not both or screened(released.study, outcome.name):
        return harm[0] if harm else Answer("Watch", NO_HARM, "", "", (), ())
    name = scale(released.study, outcome.name)[0]
    told = "; ".join(f"{short(one.arm)} {beside(one, better)}" for one, better in both)
    ids = tuple(row.result_id for pair in both for row in pair)
    why = (f"As observed, of the people measured: {told}.", *(part for one in harm for part in one.why))
    return Answer(
        "Watch",
        worse_at_each(released, f"on the {name} at day {outcome.day}", [one for one, _ in both]),
        " ".join(one.point for one in harm) or NOT_KNOWN,
        "",
        (*why, AS_OBSERVED),
        (*ids, *(one for harmed in harm for one in harmed.result_ids)),
    )


def worse_at_each(released: Released, where: str, rows: Sequence[Result]) -> str:
    """Who got reliably worse, level by level; in one sentence where it is shown of none."""
    if not any(isinstance(one.estimate, float | Within) or is_held_back(one) for one in rows):
        return f"How many got reliably worse {where} is hidden at every level: few people, or what would tell of few."
    return f"Reliably worse {where}: {at_each(released, rows)}."


def known_harm(released: Released) -> list[Answer]:
    """Self-harm, emergency visits and deaths at each level; nothing where none of them is recorded."""
    told: dict[int | None, list[str]] = {}
    used: list[Result] = []
    for measure, words in HARMS:
        day = harm_day(released, measure)
        rows = released.rows(analysis="safety", measure=measure, day=day)
        shown = [row for row in rows if isinstance(row.estimate, float)]
        used += rows
        if shown:
            told.setdefault(day, []).append(f"{words}: {at_each(released, shown)}")
        elif any(row.estimate is not None for row in rows):
            told.setdefault(day, []).append(f"{words}: {FEW_OR_NONE}")
    if not told:
        return []
    said = " ".join(f"By day {day}, {'; '.join(some)}." for day, some in told.items())
    why = "Self-harm and emergency visits are what people told who were reached and asked."
    ids = tuple(row.result_id for row in used)
    return [Answer("Watch", said, "", "", (why,), ids)]


def harm_day(released: Released, measure: str) -> int | None:
    """The latest day by which a harm is known of somebody; the latest it was counted to where it is known of nobody."""
    rows = [row for row in released.rows(analysis="safety", measure=measure) if row.day is not None]
    known = [row for row in rows if row.estimate is not None]
    return max((row.day for row in known or rows if row.day is not None), default=None)


def beside(worse: Result, better: Result) -> str:
    """Worse and better together or not at all: a benefit is never shown where its harm is hidden."""
    if isinstance(worse.estimate, float | Within) and isinstance(better.estimate, float | Within):
        return f"{percent(worse.estimate)} worse and {percent(better.estimate)} better"
    if is_held_back(worse) or is_held_back(better):
        return f"{HELD_BACK} in this edition"
    if isinstance(worse.estimate, float | Within):
        return f"{percent(worse.estimate)} worse, and how many got better is {marked(better.estimate)}"
    return f"not told, because how many got worse is {marked(worse.estimate)}"
