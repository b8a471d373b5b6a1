"""The table of the quality page: about a dozen measures by level, each with its twelve months, its course, what
changed, and its sites."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.again import again
from pipeline.report.definitions import Said, counted, definitions, level_label, published, short, titled
from pipeline.report.disclosure.suppressed import Within
from pipeline.report.drawing.canvas import NEUTRAL
from pipeline.report.drawing.sparkline import sparkline
from pipeline.report.drawing.strips import dot_strip, share_bar
from pipeline.report.edition import Edition, sites, spoken
from pipeline.report.fragment import Fragment, ids, section, text
from pipeline.report.names import arm_styles
from pipeline.report.numbers import percent, percent_and_range, percent_span, plural
from pipeline.report.released import Released
from pipeline.report.watching.all_periods import ALL_PERIODS, of_all_periods
from pipeline.report.watching.apart import site_rows
from pipeline.report.watching.changes import BETTER, MARKS, WORSE, Change, change_of
from pipeline.report.watching.course import Course, courses
from pipeline.report.watching.look_first import points_of
from pipeline.report.watching.measured import (
    GROUPS,
    HARM,
    Key,
    first_scales,
    is_told,
    keys_of,
    says_something,
    told_beside_harm,
)
from pipeline.results import ALL_LEVELS, Result
from pipeline.study_toml.targets import meets, target_of

ALL_TIME = "All periods"
MANY = 100  # of whom nobody, or everybody, is hardly chance
HEAD = ("Level", "Last 12 months", "By {grain}", "Latest period", "Change", "Reads", "0 to 100%", "Sites")
KINDS = {WORSE: "bad", BETTER: "good"}
HOW_TO_READ = {
    "Last 12 months": (
        "Last 12 months: the share over its likely range and its counts, of the people who started (or left) in the"
        " last four quarters in which all of them could be followed for long enough."
    ),
    ALL_TIME: "All periods: the share over its likely range and its counts.",
    "Change": (
        "Change: the latest period less the twelve months before it, with its 99% range; worse or better where an exact"
        " test gives p below 0.01, else as before."
    ),
    "0 to 100%": "Bar: tick, a published figure; dashed, your target.",
    "Sites": "Sites: a dot for each site.",
}
DASHES = "A dash: too few people, or nothing that can be told."
UNADJUSTED = "As observed: not adjusted for who starts where, so rows do not compare levels or sites."
BESIDE_HARM = (
    "Reliably better is told only beside reliably worse: where that is hidden, so is this, here as on the scorecard."
)
EVERY_STAY = "Back in 24-hour care counts every stay of anybody; the director page, the people who started in one."
ALL_HIDDEN = "Every number rests on too few people to be told, or would give such a number away."
NO_MEASURES = "No measure was counted for this study; run: carelevels run with records of services, stays or scores."
DASH = '<span class="none" aria-hidden="true">–</span><span class="vh">none</span>'


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a line of the table needs besides its course."""

    released: Released
    said: Said
    places: tuple[str, ...]
    grain: str


def measure_table(released: Released, issue: Edition) -> Fragment:
    """One table for all measures of the page; a measure with a sign of change on another scale has that scale too."""
    keys, arms = keys_of(released), (ALL_LEVELS, *released.arms)
    found = [one for one in courses(released, keys, arms, issue.asked) if one.headline is not None]
    shown = [one for one in found if in_table(released, found, one.key) and adds(found, one)]
    shown = in_groups([*shown, *of_all_periods(released)]) if shown else []
    if not shown:
        return Fragment(section("Measures", f"<p>{text(NO_MEASURES)}</p>"))
    grains = [str(one.grain) for one in shown if one.grain]
    grain = max(sorted(set(grains)), key=grains.count) if grains else ""
    drawn = Drawn(released, definitions(released) | ALL_PERIODS, sites(released), grain)
    told, silent = told_and_silent(released, shown)
    lines = {key: [cells_of(drawn, of, one) for one in of] for key, of in told.items()}
    kept = columns_used([cells for of in lines.values() for cells in of])
    bodies = "".join(
        measure_body(drawn, key, told[key], [[cells[i] for i in kept] for cells in of], name_of_group(list(lines), key))
        for key, of in lines.items()
    )
    kept_back = any(is_told(one.headline) and not may_tell(released, one) for one in shown)
    stays = any(one.key.measure == "readmission_30" for one in shown)
    why = (BESIDE_HARM if kept_back else "", EVERY_STAY if stays else "")
    head = [head_of(grain, shown)[i] for i in kept]
    dashes = DASHES if any(DASH in cell for of in lines.values() for cells in of for cell in cells) else ""
    notes = (*(HOW_TO_READ.get(one, "") for one in head), dashes, UNADJUSTED, *why, silent_words(drawn, silent))
    inner = in_box(head, bodies) if told else ""
    used = [row for one in shown for row in (one.headline, one.latest)]
    note = " ".join(one for one in notes if one)
    return Fragment(section("Measures", inner or f"<p>{text(ALL_HIDDEN)}</p>", note=note), ids(used))


def in_groups(shown: Sequence[Course]) -> list[Course]:
    """Group by group, in the page's order."""
    order = list(GROUPS)
    return sorted(shown, key=lambda one: order.index(one.key.group))


def has_number(released: Released, one: Course) -> bool:
    """Whether a line of the table has a number to show."""
    return one.latest is not None or (says_something(one.headline) and may_tell(released, one))


def told_and_silent(released: Released, shown: Sequence[Course]) -> tuple[dict[Key, list[Course]], list[Key]]:
    """The measures that have a number at some level, with their courses; and those that have none."""
    by_key: dict[Key, list[Course]] = defaultdict(list)
    for one in shown:
        by_key[one.key].append(one)
    told = {key: of for key, of in by_key.items() if any(has_number(released, one) for one in of)}
    return told, [key for key in by_key if key not in told]


def silent_words(drawn: Drawn, silent: Sequence[Key]) -> str:
    """Which measures have no number at any level."""
    names = [
        text(", ".join(part for part in titled(drawn.released, drawn.said, one.measure, one.outcome, one.day) if part))
        for one in silent
    ]
    return f"No level can be told, for too few people or hidden, of: {'; '.join(names)}." if names else ""


def columns_used(lines: Sequence[Sequence[str]]) -> list[int]:
    """The columns in which some line says something; the first two always."""
    width = len(lines[0]) if lines else 0
    return [i for i in range(width) if i < 2 or any(cells[i] != DASH for cells in lines)]


def name_of_group(keys: Sequence[Key], key: Key) -> str:
    """The group's name above its first measure."""
    return key.group if next(one for one in keys if one.group == key.group) is key else ""


def may_tell(released: Released, one: Course) -> bool:
    """Whether the headline is no benefit whose harm is hidden."""
    return one.headline is None or told_beside_harm(released, one.headline)


def in_table(released: Released, found: Sequence[Course], key: Key) -> bool:
    """The first scale, and every scale on which something changed."""
    first = first_scales(released)
    if key.outcome in first:
        return True
    of_key = [change for one in found if one.key == key and (change := change_of(one)) is not None]
    return any(change.word in KINDS for change in of_key)


def adds(found: Sequence[Course], one: Course) -> bool:
    """Whether a line is more than the only other one again, as all levels together are where one level is asked."""
    return one.arm != ALL_LEVELS or sum(other.key == one.key for other in found) > 2


def in_box(head: Sequence[str], bodies: str) -> str:
    """The table in its own scrolling box."""
    top = "".join(f'<th scope="col">{text(cell)}</th>' for cell in head)
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Measures by level"><table class="watch dense">'
        '<caption class="vh">Measures by level: last 12 months, course, change, sites</caption>'
        f"<thead><tr>{top}</tr></thead>{bodies}</table></div>"
    )


def head_of(grain: str, shown: Sequence[Course]) -> list[str]:
    """The columns; the second is of all periods where no measure has a rolling year."""
    first, second, *rest = (cell.format(grain=grain or "period") for cell in HEAD)
    return [first, second if any(one.headline and one.headline.period for one in shown) else ALL_TIME, *rest]


def measure_body(drawn: Drawn, key: Key, of: Sequence[Course], lines: Sequence[Sequence[str]], group: str) -> str:
    """A measure's name, and one line for each level that has it."""
    words, under = titled(drawn.released, drawn.said, key.measure, key.outcome, key.day)
    when = next((row.period for one in of if (row := one.headline) and row.period), "")
    about = ", ".join(part for part in (under, spoken((when,)) if when else "all periods") if part)
    over = f'<span class="group{" harm" if key.group == HARM else ""}">{text(group)}</span> ' if group else ""
    wide = len(lines[0]) if lines else 1
    name = f'<tr><th scope="rowgroup" colspan="{wide}">{over}{text(words)} <small>{text(about)}</small></th></tr>'
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>' for first, *rest in lines
    )
    return f"<tbody>{name}{body}</tbody>"


def cells_of(drawn: Drawn, lines: Sequence[Course], one: Course) -> list[str]:
    """One level of one measure, cell by cell."""
    styles = arm_styles(drawn.released.study)
    color = NEUTRAL if one.arm == ALL_LEVELS else styles[one.arm].color
    change = change_of(one)
    row = one.headline if may_tell(drawn.released, one) else None
    return [
        f'<span class="dot" style="background:{color}"></span>{text(level_label(one.arm))}',
        headline_cell(one, kept_back=row is None) + again(drawn.released, row),
        course_cell(lines, one, color),
        latest_cell(one) + again(drawn.released, one.latest),
        change_cell(change) if change else DASH,
        word_cell(change.word) if change else DASH,
        bar_cell(drawn, one, row, color),
        site_cell(drawn, one, color),
    ]


def change_cell(change: Change) -> str:
    """The difference with its range; on a phone, where no column names it, with its word."""
    moved, low, high = points_of(change.difference, change.low, change.high)
    told = f"{moved} points<small>{low} to {high}</small>"
    return f'<span class="phone">Change </span>{told}'


def headline_cell(one: Course, *, kept_back: bool) -> str:
    """The share with its range, over its counts."""
    row = one.headline
    if kept_back:
        return '<span class="hid">hidden</span><small>as reliably worse is</small>'
    if row is not None and isinstance(row.estimate, Within):
        return f"<b>{short(row)}</b><small>{counted(row)}</small>"
    if row is None or not isinstance(row.estimate, float):
        return short(row) + (f"<small>{counted(row)}</small>" if row is not None and says_something(row) else "")
    told, between = percent_and_range(row.estimate, row.low, row.high, "–")
    span = f' <span class="rng">({between})</span>' if between else ""
    return f"<b>{text(told)}</b>{span}<small>{counted(row)}</small>{at_an_end(row)}"


def at_an_end(row: Result) -> str:
    """A question beside nobody, or everybody, of a hundred or more: records made so tell nothing of care."""
    if row.unit != "share" or not isinstance(row.denominator, int) or row.denominator < MANY:
        return ""
    asked = {0.0: "nobody: could the records show it?", 1.0: "everybody: could the records show otherwise?"}
    words = asked.get(row.estimate) if isinstance(row.estimate, float) else None
    return f'<small class="nc">{words}</small>' if words else ""


def course_cell(lines: Sequence[Course], one: Course, color: str) -> str:
    """The small line, on one scale for all levels of a measure."""
    known = [value for other in lines for value in other.values if value is not None]
    if not known:
        return DASH
    room = max((max(known) - min(known)) * 0.1, 0.005)
    drawn = sparkline(one.values, min(known) - room, max(known) + room, color)
    return drawn + (f"<small>{one.periods[0]} to {one.periods[-1]}</small>" if drawn else "") or DASH


def latest_cell(one: Course) -> str:
    row = one.latest
    if row is None:
        return DASH
    return f'{short(row)} <span class="rng">{text(row.period)}</span><small>{counted(row)}</small>'


def word_cell(word: str) -> str:
    """The icon and the word; never color alone."""
    kind = KINDS.get(word, "plain")
    return f'<span class="word {kind}"><span aria-hidden="true">{MARKS[word]} </span>{word}</span>'


def bar_cell(drawn: Drawn, one: Course, row: Result | None, color: str) -> str:
    """The share from 0 to 100 %, with published figures and the target, which are told in words as well."""
    if row is None or not isinstance(row.estimate, float):
        return DASH
    ticks = [p for p in published(drawn.released, one.key.measure, one.key.day) if isinstance(p.estimate, float)]
    aim = target_of(drawn.released.study, one.key.measure, one.key.day)
    low, high = (v if isinstance(v, float) else row.estimate for v in (row.low, row.high))
    said = [f"published {', '.join(percent(p.estimate) for p in ticks)}"] if ticks else []
    if aim is not None:
        said.append(f"target {percent(aim)}: {'met' if meets(one.key.measure, row.estimate, aim) else 'not met'}")
    drawn_bar = share_bar(row.estimate, low, high, color, [float(p.estimate or 0) for p in ticks], aim)
    return drawn_bar + "".join(f"<small>{text(words)}</small>" for words in said)


def site_cell(drawn: Drawn, one: Course, color: str) -> str:
    """A dot for each site that may be shown, and how many are not."""
    alone = drawn.released.manifest.get("sites") == 1  # the dot would be the level's own number again
    if one.arm == ALL_LEVELS or alone or not drawn.places:
        return DASH
    rows = site_rows(drawn.released, one.key, one.arm, drawn.places)
    if not rows:
        return DASH
    shares = [float(row.estimate or 0.0) for row in rows]
    told = f"{plural(len(rows), 'site')}: {percent_span(min(shares), max(shares))}"
    return dot_strip(shares, color) + f"<small>{told}</small>"
