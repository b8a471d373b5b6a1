"""How change on each scale is judged: what is reliable, from which reliability, and how many could not show it."""

from collections.abc import Iterator

from pipeline.measures.scales import is_screen, published_reliability
from pipeline.report.fragment import table, text
from pipeline.report.names import arm_label, scale
from pipeline.report.numbers import percent
from pipeline.report.released import Released
from pipeline.results import Result

TITLE = "How change is judged"
HEAD = [
    "Scale",
    "Reliable from",
    "Internal consistency",
    "Retest",
    "SD it rests on",
    "Taken from",
    "Near the best score",
]
NOTE = (
    "Reliable from: points of change (Jacobson and Truax); other ways of making each answer use the other reliability."
    " Near the best score: of those who started, too near it to get reliably better, by level. Scores move towards the"
    " middle without treatment; both groups of a comparison do so alike, as they are weighted to the same start."
)


def judged(released: Released) -> tuple[str, list[Result]]:
    """A table of the scales of the study, and the rows that it shows; empty where none has a reliability."""
    body, used = [], []
    for outcome in released.study.outcomes:
        found = published_reliability(outcome.instrument)
        if is_screen(outcome.instrument) or not any(found):
            continue
        ceiling = list(released.rows(analysis="scorecard", measure="not_improvable", outcome=outcome.name))
        used += ceiling
        body.append([text(cell) for cell in (scale(released.study, outcome.name)[0], *facts(found), near(ceiling))])
    made = table(TITLE, HEAD, body, kind="steps dense") if body else ""
    return (f'{made}<p class="note">{text(NOTE)}</p>' if made else ""), used


def facts(found: tuple[str, ...]) -> Iterator[str]:
    """What is published of a scale; a dash for what is not known."""
    least, *others = found
    yield f"{least} points" if least else "–"
    yield from (one or "–" for one in others)


def near(rows: list[Result]) -> str:
    """'Outpatient 9%, IOP 4%'."""
    return ", ".join(f"{arm_label(row.arm)} {percent(row.estimate)}" for row in rows) or "–"
