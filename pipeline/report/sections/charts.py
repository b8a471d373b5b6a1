"""The charts of the director page; titles of unadjusted ones are neutral."""

from collections.abc import Sequence

from pipeline.report.again import drawn_again
from pipeline.report.figures.forest import forest_figure
from pipeline.report.figures.retention import retention_figure
from pipeline.report.figures.screens import screens_figure
from pipeline.report.four_sentences import in_order
from pipeline.report.fragment import Fragment, columns, figure, ids, section, text
from pipeline.report.names import arm_label, arm_phrase, scale, screen_label, screened
from pipeline.report.numbers import percent
from pipeline.report.released import Released
from pipeline.report.words import is_share, points_of, reason, why_hidden
from pipeline.results import GateWord, Result

HOW_TO_READ = "Hollow: as observed. Solid: similar people compared. Lines: likely range."
ENDS_APART = " The scorecard leaves out people whose records end early; a curve counts them until then."


def charts(released: Released) -> Fragment:
    """Like for like first, then staying, as observed."""
    rows = released.rows(analysis="like_for_like")
    scores = like_for_like(released)
    cards = [
        scores,
        figure(
            "Share still in care, by level (as observed)",
            "Any level counts as care. Shaded: 95% range. A dot: not shown, to protect small groups."
            + not_comparable(rows, "retained")
            + ends_apart(released)
            + drawn_again(released, released.curves("retention")),
            retention_figure(released),
        ),
        left_early(released, "The same pairs." if scores else HOW_TO_READ),
        *screens(released),
    ]
    twins = {row.result_id for row in rows}
    used = [
        *rows,
        *(row for row in released.rows(analysis="as_observed") if row.twin_of in twins),
        *(row for row in released.tables.results if row.analysis in ("retention", "screens")),
    ]
    return Fragment(section("Like for like, and staying in care", columns(cards)), ids(used))


def ends_apart(released: Released) -> str:
    """Why a curve ends at another number than the scorecard has, where one does."""
    last = max(released.study.retention.days)
    for arm in released.arms:
        end = released.row(analysis="retention", measure="survival", arm=arm, day=last)
        card = released.row(analysis="scorecard", measure="retained", arm=arm, day=last)
        values = [one.estimate for one in (end, card) if one is not None and isinstance(one.estimate, float)]
        if len({percent(value) for value in values}) > 1:
            return ENDS_APART
    return ""


def not_comparable(rows: Sequence[Result], outcome: str) -> str:
    """That these people cannot be compared, where every contrast of an outcome (of any where none is named) is
    withheld."""
    about = [row for row in rows if row.reference and row.outcome.startswith(outcome)]
    withheld = bool(about) and all(row.gate == "withheld" for row in about)
    return " Not comparable: every comparison is withheld." if withheld else ""


def screens(released: Released) -> list[str]:
    """One chart for each yes-or-no screen of the study."""
    names = dict.fromkeys(row.outcome for row in released.rows(analysis="screens"))
    return [
        figure(
            f"{screen_label(name)}, by week (as observed)",
            "Of the people seen that week, at least this share: a week without a recorded screen counts as not found."
            + not_comparable(released.rows(analysis="like_for_like"), ""),
            screens_figure(released, name, f"screens-{place}"),
        )
        for place, name in enumerate(names)
    ]


def grid(cards: list[str]) -> str:
    shown = [card for card in cards if card]
    return f'<div class="grid">{"".join(shown)}</div>' if shown else ""


def like_for_like(released: Released) -> str:
    """The forest of every score with its margin; a list of reasons where every contrast is withheld."""
    rows = in_order(released)
    names = dict.fromkeys(row.outcome for row in rows if not is_share(row) and scored(released, row.outcome))
    drawn = [
        forest_figure(released, about, f"forest-{place}", unit_of(released, about[0]))
        for place, name in enumerate(names)
        if (about := [row for row in rows if row.outcome == name])
    ]
    if any(drawn):
        return figure("Like for like: people with similar needs", HOW_TO_READ, *drawn)
    return "" if leaving(rows) else refusals(released, rows)


def left_early(released: Released, how_to_read: str) -> str:
    """The forest of leaving early, or of staying where leaving carries no number."""
    shares = leaving(in_order(released))
    unit = f"People per 100 by day {shares[0].day}; right is more" if shares else ""
    drawn = forest_figure(released, shares, "forest-shares", unit) if shares else ""
    what = "leaving early" if shares and shares[0].outcome.startswith("dropped_out") else "staying"
    return figure(f"Like for like: {what}", how_to_read, drawn)


def scored(released: Released, outcome: str) -> bool:
    return outcome in {one.name for one in released.study.outcomes}


def unit_of(released: Released, row: Result) -> str:
    name = screened(released.study, row.outcome) or scale(released.study, row.outcome)[0]
    comma = "," if name.endswith("s") and " " in name else ""
    return f"{name}{comma} {points_of(row)} at day {row.day}; right is better for the first named"


def leaving(rows: Sequence[Result]) -> list[Result]:
    """Leaving early at each pair; staying where leaving carries no number, or where it is the primary contrast."""
    primary = rows[0].outcome if rows and is_share(rows[0]) else ""
    for kind in (primary, "dropped_out", "retained"):
        found = [row for row in rows if kind and row.outcome.startswith(kind)]
        if any(isinstance(row.estimate, float) for row in found):
            return found
    return []


def why_none(row: Result) -> str:
    """Why a contrast is not drawn: withheld, held back or hidden, and for what."""
    return f"withheld, {reason(row)}" if row.gate == GateWord.WITHHELD else why_hidden(row)


def refusals(released: Released, rows: tuple[Result, ...]) -> str:
    """Why there is no forest: the gravest reason of each pair of levels."""
    if not rows:
        return ""
    said: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        said.setdefault((row.arm, row.reference), []).append(in_short(why_none(row)))
    items = "".join(
        f"<li><b>{text(arm_label(arm))} vs {text(arm_phrase(reference))}</b>: {text(why[0])}.</li>"
        for (arm, reference), why in said.items()
    )
    return (
        '<div class="card"><h3>Like for like: no comparison can be made</h3><p>The unadjusted differences are withheld'
        f" as well, because they would be read as one.</p><ul>{items}</ul>"
        '<p>Every reason, outcome by outcome: <a href="research.html">research page</a>.</p></div>'
    )


def in_short(why: str) -> str:
    """The gravest of several reasons."""
    return why.partition("; ")[0]
