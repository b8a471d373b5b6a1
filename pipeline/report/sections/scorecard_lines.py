"""The lines of the scorecard: who starts, who gets better and worse, harm, staying, and who is measured."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.choices.asked import Outcome
from pipeline.report.four_sentences import harm_day
from pipeline.report.fragment import text
from pipeline.report.names import scale, screened
from pipeline.report.numbers import count, percent, percent_and_range, points
from pipeline.report.released import Released
from pipeline.report.standing_in import staying
from pipeline.report.watching.measured import says_something
from pipeline.results import Result
from pipeline.study import main_outcome

NOBODY = "nobody"
Row = Callable[[str], Result | None]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name, what it counts, the row it shows for a level and how; the outcome whose contrasts are about
    it; and the measure of the library that it follows by period."""

    title: str
    under: str
    row: Row
    write: Callable[[Result], str]
    compared_as: str = ""
    measure: str = ""
    day: int | None = None
    outcome: str = ""


def lines_of(released: Released) -> list[Line]:
    """Severity first, then change with worse beside better, then harm, staying, coming back, and being measured."""
    first = [one for one in [main_outcome(released.study)] if one]
    made = [Line("People starting", "", on_card(released, measure="starts"), lambda row: count(row.n))]
    made.append(Line("High suicide risk", "at the start", on_card(released, measure="high_risk"), share))
    for outcome in first:
        made += score_lines(released, outcome)
    made += harm_lines(released)
    made += staying_lines(released)
    for outcome in first:
        made += measured_lines(released, outcome)
    return made


def on_card(released: Released, **wanted: object) -> Row:
    return lambda arm: released.row(analysis="scorecard", arm=arm, **wanted)


def share(row: Result) -> str:
    return text(percent(row.estimate))


def anybody(row: Result) -> str:
    """The share measured; nobody where nobody was, which is known."""
    return NOBODY if row.estimate is None and row.reason.startswith(NOBODY) else share(row)


def score_lines(released: Released, outcome: Outcome) -> Iterator[Line]:
    """The first score at the start and its change; on a scale reliably better, and worse right below it."""
    screen = screened(released.study, outcome.name)
    name, unit = screen or scale(released.study, outcome.name)[0], "percentage points" if screen else "points"

    def of(measure: str) -> Row:
        return on_card(released, measure=measure, outcome=outcome.name)

    under = f"day {outcome.day}, of those measured again"
    yield Line(
        f"{name} at start", "percent" if screen else "mean", of("baseline_mean"), lambda row: text(points(row.estimate))
    )
    yield Line(
        f"{name} change",
        f"{unit} by day {outcome.day}",
        of("mean_change"),
        lambda row: text(points(row.raw_estimate)),
        outcome.name,
    )
    if screen:
        return  # a yes or no has no change beyond its own error
    for title, measure, write, about, followed in (
        ("Reliably better", "reliably_improved", better(released), f"reliable_{outcome.name}", "reliable_improvement"),
        ("Reliably worse", "reliably_deteriorated", share, "", "reliable_deterioration"),
    ):
        yield Line(title, under, of(measure), write, about, followed, outcome.day, outcome.name)
    yield Line("Between therapists", "how much of the difference in change", of("between_therapists"), ranged)


def better(released: Released) -> Callable[[Result], str]:
    """A benefit is not shown where the harm beside it is hidden."""

    def write(row: Result) -> str:
        harm = released.row(analysis="scorecard", arm=row.arm, outcome=row.outcome, measure="reliably_deteriorated")
        return text(percent(row.estimate if harm is None or says_something(harm) else harm.estimate))

    return write


def harm_lines(released: Released) -> Iterator[Line]:
    """Self-harm, emergency visits and deaths, each by the last day by which it is known."""
    for title, measure, whom in (
        ("Self-harm", "self_harm", ", of those asked"),
        ("Emergency visit", "ed_visit", ", of those asked"),
        ("Died", "died", ""),
    ):
        day = harm_day(released, measure)
        yield Line(title, f"by day {day}{whom}", harm_row(released, measure, day), share)


def harm_row(released: Released, measure: str, day: int | None) -> Row:
    return lambda arm: released.row(analysis="safety", measure=measure, day=day, arm=arm)


def staying_lines(released: Released) -> Iterator[Line]:
    """Still in care, leaving early, visits kept, and being back in 24-hour care."""
    last = max(released.study.retention.days)

    def of(measure: str) -> Row:
        return lambda arm: staying(released, measure, arm, last)

    yield Line(
        f"In care at day {last}",
        "at any level",
        of("retained"),
        ranged,
        f"retained_day{last}",
        "retention_any_level",
        last,
    )
    yield Line("Left early", f"by day {last}", of("dropped_out"), share, f"dropped_out_day{last}")
    yield Line("Visits kept", f"to day {last}", on_card(released, measure="visits_kept"), share, "", "attendance", last)
    yield Line(
        "Back in 24-hour care", "within 30 days of this stay", on_card(released, measure="readmitted_own"), share
    )


def ranged(row: Result) -> str:
    """A share with its range."""
    if not isinstance(row.estimate, float):
        return share(row)
    told, between = percent_and_range(row.estimate, row.low, row.high, "–")
    span = f' <span class="rng">({between})</span>' if between else ""
    return f'<span class="nowrap">{text(told)}{span}</span>'


def measured_lines(released: Released, outcome: Outcome) -> Iterator[Line]:
    """Who has a score at the start, and who of those has one again: two gaps that are mended in different places."""
    name = scale(released.study, outcome.name)[0]

    def of(measure: str) -> Row:
        return lambda arm: released.row(
            analysis="measures",
            measure=measure,
            outcome=outcome.name,
            arm=arm,
            period="",
            site="",
            payer="",
            stratum="",
        )

    if not any(of("assessed_again")(arm) for arm in released.arms):
        seen = on_card(released, measure="observed", outcome=outcome.name)
        yield Line(f"Measured at day {outcome.day}", f"{name}, of all who started", seen, share)
        return
    yield Line("Measured at the start", f"{name}, of all who started", of("assessed_at_start"), anybody)
    yield Line(
        "Measured again",
        f"{name} at day {outcome.day}, of those with a first score",
        of("assessed_again"),
        share,
        "",
        "assessed_again",
        outcome.day,
        outcome.name,
    )
