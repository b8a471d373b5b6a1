"""Look here first: what is new in the latest period, harm before benefit before process, and sites that lie apart."""

from collections.abc import Sequence

from pipeline.report.definitions import Said, definitions, level_label, titled
from pipeline.report.edition import Edition, sites, spoken, would_do
from pipeline.report.fragment import Fragment, ids, text
from pipeline.report.numbers import count, percent, percent_span, plain, plural, rounded
from pipeline.report.released import Released
from pipeline.report.watching.apart import Apart, apart
from pipeline.report.watching.changes import LEVEL, WORSE, Change, change_of, news
from pipeline.report.watching.course import Course, Share, courses
from pipeline.report.watching.measured import GROUPS, keys_of

MOST = 5
TITLE = "Look here first"
NOTHING_NEW = "Nothing new: no measure moved beyond what chance alone would explain, and no site lies apart."
NOTHING_SEEN = (
    "Only {some} could be watched, and nothing in {them} moved beyond what chance alone would explain. Of the other"
    " {rest} nobody can say: too few people in the latest period, or numbers that are hidden. Longer periods{sites}"
    " would show more."
)
ALL_SITES = " or all sites together"  # advice for the page of one site alone
NOT_WATCHED = (
    "None of {all} could be watched: too few people in each period, or numbers that are hidden. This does not mean that"
    " nothing changed: look at longer periods{sites}."
)
WATCHED = (
    "{some} of {all} were watched, the latest period against the twelve months before it; {chance} listed by chance"
    " alone."
)
NOT_ALL = "The other {rest} could not be: too few people in the latest period, or numbers that are hidden."
LOOK_WHY = "Ask why first: its records, its people, then its care."


def look_first(released: Released, issue: Edition) -> Fragment:
    """At most five lines of what is new, and how many series could be watched and how many could not."""
    keys = keys_of(released)
    found = courses(released, keys, released.arms, issue.asked)
    if not found:
        return Fragment("")
    watched = [change for one in found if (change := change_of(one)) is not None]
    said = definitions(released)
    moved = news(watched, list(GROUPS))
    far = apart(released, keys, released.arms, sites(released))
    lines = [change_line(released, said, one) for one in moved] + [site_line(released, said, one) for one in far]
    shown = in_room(lines[: len(moved)], lines[len(moved) :])
    items = "".join(f"<li>{line}</li>" for line in shown)
    left = len(lines) - len(shown)
    more = f"<p>{left} more in the table and the charts below.</p>" if left else ""
    used = [row for one in moved for row in (one.course.latest, one.course.headline)] + [one.row for one in far]
    note = f'<p class="note">{text(how_many(found, watched, issue))}</p>'
    body = f"<ul>{items}</ul>{more}{note}" if items else nothing_new(found, watched, issue)
    return Fragment(f'<section class="lead"><h2>{TITLE}</h2>{body}</section>', ids(used))


def nothing_new(found: Sequence[Course], watched: Sequence[Change], issue: Edition) -> str:
    """What may be said where nothing is listed; never that nothing changed where most could not be watched."""
    said = how_many(found, watched, issue)
    if not watched or 2 * len(watched) >= len(found):
        return f'{f"<p>{NOTHING_NEW}</p>" if watched else ""}<p class="note">{text(said)}</p>'
    some = f"{count(len(watched))} of {plural(len(found), 'series', 'series')}"
    them = "it" if len(watched) == 1 else "them"
    rest, wider = count(len(found) - len(watched)), ALL_SITES if issue.site else ""
    told = NOTHING_SEEN.format(some=some, them=them, rest=rest, sites=wider)
    return f"<p>{text(told)}</p>"


def in_room(moved: Sequence[str], far: Sequence[str]) -> list[str]:
    """The lines there is room for; where both kinds are there, a site keeps one."""
    room = MOST - min(len(far), 2) if len(moved) + len(far) > MOST else MOST
    first = list(moved[:room])
    return first + list(far[: MOST - len(first)])


def how_many(found: Sequence[Course], watched: Sequence[Change], issue: Edition) -> str:
    """How many series could be watched, how many of them would be listed by chance, how many could not be watched."""
    everything = plural(len(found), "series", "series")
    if not watched:
        return NOT_WATCHED.format(all=everything, sites=ALL_SITES if issue.site else "")
    chance = len(watched) * LEVEL
    by_chance = f"about {plain(chance, 0)} would be" if chance >= 0.5 else "hardly any would be"
    rest = len(found) - len(watched)
    told = WATCHED.format(some=count(len(watched)), all=everything, chance=by_chance)
    return told + (f" {NOT_ALL.format(rest=count(rest))}" if rest else "")


def change_line(released: Released, said: Said, change: Change) -> str:
    """'Worse. Reliably worse around day 90, PHQ-9, Outpatient: 9% (24 of 256) in 2025Q3; 3% (21 of 760) in …'."""
    course = change.course
    about = about_words(released, said, course.key.measure, course.key.outcome, course.key.day, course.arm)
    kind = "bad" if change.word == WORSE else "good"
    moved, low, high = points_of(change.difference, change.low, change.high)
    return (
        f'<span class="word {kind}">{change.word.capitalize()}</span> {about}: <b>{told(change.now)}</b> in'
        f" {text(spoken(change.now.periods))}; {told(change.earlier)} in {text(spoken(change.earlier.periods))}."
        f" <small>Difference {moved} points ({low} to {high}),"
        f" {text(p_words(change.p))}.</small>"
    )


def site_line(released: Released, said: Said, found: Apart) -> str:
    """'Apart. Site s11, Inpatient, seen within 30 days: 6% (29 of 486); the other 11 sites 20% to 33%.'"""
    row = found.row
    about = about_words(released, said, row.measure, row.outcome, row.day, row.arm)
    kind = "bad" if found.is_worse else "plain"
    own = f"{percent(row.estimate)} ({count(row.numerator)} of {count(row.denominator)})"
    when = f" in the {text(row.period)}" if row.period else ""
    return (
        f'<span class="word {kind}">Apart</span> Site {text(row.site)}, {about}: <b>{text(own)}</b>{when}; the other'
        f" {plural(found.others, 'site')} {percent_span(found.least, found.most)}. <small>{LOOK_WHY}</small>"
    )


def about_words(released: Released, said: Said, measure: str, outcome: str, day: int | None, arm: str) -> str:
    words, under = titled(released, said, measure, outcome, day)
    return f"{text(', '.join(part for part in (words, under) if part))}, <b>{text(level_label(arm))}</b>"


def told(share: Share) -> str:
    counts = f" ({count(share.counted)} of {count(share.asked)})" if share.counted is not None else ""
    return text(f"{percent(share.value)}{counts}")


def points_of(*differences: float) -> tuple[str, ...]:
    """Differences of shares in points, told side by side, with as many decimals each: none where one is ten or more
    and none of them would read 0 that is not."""
    scaled = [100 * one for one in differences]
    whole = any(abs(one) >= 9.95 for one in scaled) and all(rounded(one, 0) or not one for one in scaled)
    return tuple(plain(one, 0 if whole else 1) for one in scaled)


def p_words(p: float) -> str:
    return "p below 0.001" if p < 0.001 else f"p = {rounded(p, 3)}"


def too_small(released: Released, issue: Edition) -> Fragment:
    """A line for a period in which hardly any measure can be told, and the one that would do."""
    suggestion = would_do(released, issue)
    if not suggestion:
        return Fragment("")
    words = (
        f"{issue.period} is too short a period for these records: most of its numbers rest on too few people to be"
        f" told. {suggestion} would do: carelevels report --period {suggestion}. The twelve months beside it hold as"
        " they are."
    )
    return Fragment(f'<p class="note">{text(words)}</p>')
