"""The four sentences at the head of the director page: the primary contrast first, staying in care, and what to
watch."""

from pipeline.report.names import arm_label
from pipeline.report.numbers import listed, percent
from pipeline.report.released import Released
from pipeline.report.words import Sentence, compared
from pipeline.results import Result
from pipeline.study import TRACKS, Outcome, main_outcome, tracks_are_primary

NO_SCALE = Sentence(
    "No symptom scale is part of this study.", "Nothing on this page says whether symptoms got better.", "", ()
)


def four_sentences(released: Released) -> tuple[Sentence, ...]:
    """At most four sentences, each from stored rows: primary contrast, next contrast, leaving early, and what to
    watch."""
    contrasts, scale = in_order(released), main_outcome(released.study)
    told = [told_of(released, row) for row in contrasts[:1]]
    first = contrasts[0] if contrasts else None
    others = [row for row in contrasts[1:] if first and row.outcome == first.outcome]
    leaving = [row for row in contrasts[1:] if row.outcome.startswith("dropped_out") and row not in others[:1]]
    told += [told_of(released, row) for row in others[:1]]
    carries = [row for row in leaving if row.gate != "withheld"]
    told += [told_of(released, carries[0])] if carries else [leaving_or_staying(released)]
    told += [watch(released, scale) if scale else NO_SCALE]
    return tuple(sentence for sentence in told if sentence.point)


def in_order(released: Released) -> tuple[Result, ...]:
    """Like-for-like contrasts, the primary one first, then in study order: never by outcome size."""
    rows = [row for row in released.rows(analysis="like_for_like") if row.reference]
    primary = tuple(released.study.comparison.primary)
    if tracks_are_primary(released.study):
        primary = (*(f"{track} track" for track in TRACKS), primary[2])
        rows += released.rows(question="C10", analysis="claim")
    return tuple(sorted(rows, key=lambda row: (row.arm, row.reference, row.outcome) != primary))


def told_of(released: Released, row: Result) -> Sentence:
    twin = released.row(analysis="as_observed", twin_of=row.result_id)
    beside = {
        name: released.row(measure=measure, twin_of=row.result_id)
        for name, measure in (("detectable", "detectable_difference"), ("tipping", "tipping_point"))
    }
    return compared(released.study, row, twin, **beside)


def leaving_or_staying(released: Released) -> Sentence:
    """Who had left early, as observed; where that was not written down, who was still in care."""
    left = released.rows(
        analysis="scorecard", measure="dropped_out", day=max(released.study.retention.days), stratum=""
    )
    if any(isinstance(row.estimate, float) for row in left):
        return as_observed(released, "dropped_out", "had left early by day {day}")
    return as_observed(released, "retained", "were still in care at day {day}")


def as_observed(released: Released, measure: str, words: str) -> Sentence:
    """A share at each level, in study order, as observed."""
    rows = released.rows(analysis="scorecard", measure=measure, day=max(released.study.retention.days), stratum="")
    if not rows:
        return Sentence("", "", "", ())
    shares = listed(
        f"{percent(row.estimate)} in {arm_label(row.arm) if row.arm in ('iop', 'php') else arm_label(row.arm).lower()}"
        for row in rows
    )
    return Sentence(
        f"As observed, this many people {words.format(day=rows[0].day)}:",
        f"{shares}. Different people start at each level, so these figures do not compare the levels.",
        "",
        tuple(row.result_id for row in rows),
    )


def watch(released: Released, outcome: Outcome) -> Sentence:
    """Those who got worse beside those who got better, at each level."""
    pairs = [
        (
            released.row(analysis="scorecard", measure="reliably_deteriorated", outcome=outcome.name, arm=arm),
            released.row(analysis="scorecard", measure="reliably_improved", outcome=outcome.name, arm=arm),
        )
        for arm in released.arms
    ]
    both = [(worse, better) for worse, better in pairs if worse is not None and better is not None]
    if not both:
        return Sentence("", "", "", ())
    told = "; ".join(f"{arm_label(worse.arm)} {beside(worse, better)}" for worse, better in both)
    return Sentence(
        f"Watch: some people are reliably worse at day {outcome.day}.",
        f"As observed, of the people measured: {told}.",
        "",
        tuple(row.result_id for one in both for row in one),
    )


def beside(worse: Result, better: Result) -> str:
    """Worse and better together or not at all: a benefit is never shown where its harm is hidden."""
    if isinstance(worse.estimate, float) and isinstance(better.estimate, float):
        return f"{percent(worse.estimate)} worse and {percent(better.estimate)} better"
    return "hidden, because few people are behind one of the two"
