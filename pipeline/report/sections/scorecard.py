"""The scorecard: what was observed at each level, in study order, never a comparison."""

from collections.abc import Iterator, Mapping, Sequence

from pipeline.periods import grain_of
from pipeline.report.again import again
from pipeline.report.disclosure.held_back import concealed, is_held_back
from pipeline.report.disclosure.suppressed import HELD_BACK, is_hidden
from pipeline.report.drawing.sparkline import has_line, sparkline
from pipeline.report.fragment import Fragment, ids, section, table, text
from pipeline.report.names import arm_label, arm_phrase, arm_styles
from pipeline.report.numbers import listed
from pipeline.report.released import Released
from pipeline.report.sections.scorecard_lines import NOBODY as NOT_ONE
from pipeline.report.sections.scorecard_lines import Line, lines_of
from pipeline.report.sections.trends import beside_target, trend_of
from pipeline.report.sentences.generic import beside_hidden_harm
from pipeline.report.standing_in import stands_in
from pipeline.results import GateWord, Result

NOT_ADJUSTED = (
    "As observed, <em>not</em> adjusted for who starts at each level: see “Like for like” before comparing columns."
)
SPAN = "by {grain}, {first} to {last}"
OF_THE_SCORED = "; better and measured, of everybody with a first score"
HIDDEN_MEANS = "Hidden: few people, or nobody, or what would give few away; it does not mean that it came to some."
DASH_MEANS = "A dash (–): not asked of this level."
NOT_ALONE = (
    "Reliably better is told only beside reliably worse: where that is hidden, so is this, here as on the quality page."
)
FROM_THE_CURVE = (
    "Where the share of those followed is hidden, the curve's own stands here, of people until their records end."
)
UNTREATED = (
    "Scores get better without treatment too, as on a waiting list: a change over time is not yet an effect of care."
)
NOBODY = (
    "The scorecard is empty: every level of care has too few people starting, or counts that would give a small group"
    " away. A longer period, or all sites together, would show more."
)
NOT_ASKED = '<span class="none" aria-hidden="true">–</span><span class="vh">does not apply</span>'


def scorecard(released: Released) -> Fragment:
    """One line per measure, one column per level; lines that nobody has are left out, and an empty card says so."""
    asked = [line for line in lines_of(released) if any(line.row(arm) for arm in released.arms)]
    found = {line.title: [line.row(arm) for arm in released.arms] for line in asked}
    shown = [line for line in asked if not all(map(is_blank, found[line.title]))]
    if not released.arms or not shown:
        return Fragment(section("Scorecard, as observed", f"<p>{text(NOBODY)}</p>"))
    styles = arm_styles(released.study)
    head = [
        "Of the people who started at",
        *(
            f'<span class="dot" style="background:{styles[arm].color}"></span>{text(arm_label(arm))}'
            for arm in released.arms
        ),
    ]
    body = [
        [
            named(line, shared_caution(released, line)),
            *(cell(released, line, arm, row) for arm, row in zip(released.arms, found[line.title], strict=True)),
        ]
        for line in shown
    ]
    used = [row for rows in found.values() for row in rows if row is not None]
    dashes = DASH_MEANS if any(row is None for line in shown for row in found[line.title]) else ""
    blank = blank_words([line for line in asked if line not in shown], found)
    parts = (
        NOT_ADJUSTED,
        *why_hidden_here(released, used),
        FROM_THE_CURVE if any(map(stands_in, used)) else "",
        blank,
        dashes,
        drawn_words(released, shown),
        waiting(shown),
    )
    note = " ".join(part for part in parts if part)
    return Fragment(
        section(
            "Scorecard, as observed",
            table("How people did at each level, as observed", head, body, kind="card-table dense"),
            note=note,
        ),
        ids(used),
    )


def why_hidden_here(released: Released, used: Sequence[Result]) -> Iterator[str]:
    """What hidden means on this card, and why some people's getting better is not told."""
    if any(map(concealed, used)):
        yield HIDDEN_MEANS
    if any(isinstance(row.estimate, float) and beside_hidden_harm(released, row) for row in used):
        yield NOT_ALONE


def is_blank(row: Result | None) -> bool:
    """Whether a cell tells nothing: hidden for its own sake, not recorded, or not asked of the level."""
    if row is None or row.unit == "people" or is_held_back(row):
        return row is None
    return is_hidden(row.estimate) or (row.estimate is None and not row.reason.startswith(NOT_ONE))


def blank_words(lines: Sequence[Line], found: Mapping[str, Sequence[Result | None]]) -> str:
    """The lines that tell nothing at any level, in a sentence in place of rows of nothing."""
    said: dict[str, list[str]] = {}
    for line in lines:
        hidden = any(row is not None and is_hidden(row.estimate) for row in found[line.title])
        named = " ".join(filter(None, (line.title, line.under)))
        said.setdefault("Hidden at every level" if hidden else "Not known at any level", []).append(named)
    return text(" ".join(f"{what}: {'; '.join(lines)}." for what, lines in said.items()))


def named(line: Line, caveat: str) -> str:
    """A line's name over what it counts, and what holds of all its numbers."""
    under = f"<small>{text(line.under)}</small>" if line.under else ""
    return f"{text(line.title)}{under}{caveat}"


def cell(released: Released, line: Line, arm: str, row: Result | None) -> str:
    """The number, whether it may be compared, how it went, and where it stands beside its target."""
    if row is None:
        return NOT_ASKED
    said = text(HELD_BACK) if is_held_back(row) else line.write(row)
    caveat = "" if shared_caution(released, line) else caution(released, arm, line)
    return said + again(released, row) + caveat + course(released, line, arm)


def course(released: Released, line: Line, arm: str) -> str:
    """The small line of a number's course, and its target; nothing where its measure is not counted by period."""
    if not line.measure:
        return ""
    trend = trend_of(released, line.measure, line.day, line.outcome)
    low, high = trend.span
    color = arm_styles(released.study)[arm].color
    drawn = sparkline(trend.by_arm.get(arm, ()), low, high, color, trend.target)
    told = beside_target(released, line.measure, line.day, line.outcome, arm)
    return drawn + (f"<small>{text(told)}</small>" if told else "")


def drawn_words(released: Released, shown: list[Line]) -> str:
    """What the small lines are; empty where none is drawn."""
    trends = [(line, trend_of(released, line.measure, line.day, line.outcome)) for line in shown if line.measure]
    drawn = [(line, trend) for line, trend in trends if any(has_line(values) for values in trend.by_arm.values())]
    by_grain: dict[object, list[str]] = {}
    for _, one in drawn:
        by_grain.setdefault(grain_of(one.periods[0]), []).extend(one.periods)
    if not by_grain:
        return ""
    spans = [SPAN.format(grain=grain, first=min(some), last=max(some)) for grain, some in by_grain.items()]
    whom = OF_THE_SCORED if any(line.outcome for line, _ in drawn) else ""
    return f"Small lines: {listed(spans)}{whom}."


def waiting(shown: list[Line]) -> str:
    return UNTREATED if any(line.title.endswith("change") for line in shown) else ""


def shared_caution(released: Released, line: Line) -> str:
    """The caution that all levels of a line share, which is said once."""
    cautions = {caution(released, arm, line) for arm in released.arms}
    return cautions.pop() if len(cautions) == 1 and len(released.arms) > 1 else ""


def caution(released: Released, arm: str, line: Line) -> str:
    """Which other columns this number may not be held against: 'not comparable' where that is so of all of them, 'not
    comparable with inpatient care' of some, 'not compared' where no contrast has this level."""
    contrasts = [row for row in released.rows(analysis="like_for_like") if row.reference and line.compared_as]
    mine = [row for row in contrasts if arm in (row.arm, row.reference)]
    if not mine:
        return mark("not compared") if contrasts else ""
    about = {partner(row, arm): row.gate for row in mine if row.outcome == line.compared_as}
    others = {one: gate for one, gate in about.items() if one in released.arms}
    withheld = [one for one, gate in others.items() if gate == GateWord.WITHHELD]
    if not withheld:
        return ""
    whom = f" with {' and '.join(map(arm_phrase, withheld))}" if len(withheld) < len(others) else ""
    return mark(f"not comparable{whom}")


def partner(row: Result, arm: str) -> str:
    """The other level of a contrast."""
    return row.reference if row.arm == arm else row.arm


def mark(words: str) -> str:
    return f'<small class="nc">{text(words)}</small>'
