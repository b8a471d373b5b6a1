"""The charts of the director page; titles of unadjusted ones are neutral."""

from pipeline.report.figures.balance import balance_figure
from pipeline.report.figures.endings import endings_figure
from pipeline.report.figures.forest import forest_figure
from pipeline.report.figures.overlap import overlap_figure
from pipeline.report.figures.pathways import pathways_figure
from pipeline.report.figures.retention import retention_figure
from pipeline.report.figures.screens import screens_figure
from pipeline.report.four_sentences import in_order
from pipeline.report.fragment import Fragment, figure, ids, section, text
from pipeline.report.names import arm_label, arm_phrase, outcome_label, scale, screen_label
from pipeline.report.numbers import listed, plain
from pipeline.report.released import Released
from pipeline.report.words import is_share, reason
from pipeline.results import Result


def charts(released: Released) -> Fragment:
    """Like for like first, then staying, endings and pathways, as observed."""
    cards = [
        like_for_like(released),
        figure(
            "Share still in care, by level (as observed)",
            "Any level counts as care. Shaded: 95% range. A dot: not shown, to protect small groups.",
            retention_figure(released),
        ),
        figure(
            "How care ended, by level (as observed)",
            "Each ending competes with the others; white is still in care.",
            endings_figure(released),
        ),
        figure(
            "What followed the first stay (as observed)",
            "People, not adjusted. Flows and totals of small groups are not drawn.",
            pathways_figure(released),
        ),
        *screens(released),
    ]
    rows = released.rows(analysis="like_for_like")
    twins = {row.result_id for row in rows}
    used = [
        *rows,
        *(row for row in released.rows(analysis="as_observed") if row.twin_of in twins),
        *(row for row in released.tables.results if row.analysis in ("retention", "screens")),
    ]
    return Fragment(section("Charts", grid(cards)), ids(used))


def screens(released: Released) -> list[str]:
    """One chart for each yes-or-no screen of the study."""
    names = dict.fromkeys(row.outcome for row in released.rows(analysis="screens"))
    return [
        figure(
            f"{screen_label(name)}, by week (as observed)",
            "Of the people seen that week, at least this share: a week without a recorded screen counts as not found.",
            screens_figure(released, name, f"screens-{place}"),
        )
        for place, name in enumerate(names)
    ]


def grid(cards: list[str]) -> str:
    shown = [card for card in cards if card]
    return f'<div class="grid">{"".join(shown)}</div>' if shown else ""


def like_for_like(released: Released) -> str:
    """The forest: the first score with its margin, and staying or leaving; a list of reasons where every contrast is
    withheld."""
    rows = in_order(released)
    first = next((row.outcome for row in rows if not is_share(row)), "")
    scores = [row for row in rows if row.outcome == first and not is_share(row)]
    shares = [row for kind in ("dropped_out", "retained") for row in rows if row.outcome.startswith(kind)]
    if rows and is_share(rows[0]):
        shares.sort(key=lambda row: row.outcome != rows[0].outcome)
    unit = f"{scale(released.study, first)[0]} improvement in points; right is better for the first named"
    drawn = [
        forest_figure(released, some, f"forest-{name}", words)
        for some, name, words in ((scores, "scores", unit), (shares, "shares", "People per 100; right is more"))
        if some
    ]
    if any(drawn):
        return figure(
            "Like for like: people with similar needs",
            "Hollow: as observed. Solid: similar people compared. Lines: likely range."
            + others(released, rows, {row.outcome for row in (*scores, *shares)}),
            *drawn,
        )
    return refusals(released, rows)


def others(released: Released, rows: tuple[Result, ...], shown: set[str]) -> str:
    """Which outcomes were asked about as well, and where they are."""
    names = dict.fromkeys(
        scale(released.study, row.outcome)[0] for row in rows if row.outcome not in shown and not is_share(row)
    )
    return f" {listed(names)}: in the tables." if names else ""


def refusals(released: Released, rows: tuple[Result, ...]) -> str:
    """Why there is no forest, contrast by contrast."""
    if not rows:
        return ""
    said: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        said.setdefault((row.arm, row.reference, reason(row) or "a group is too small to show"), []).append(
            outcome_label(released.study, row)
        )
    items = "".join(
        f"<li><b>{text(arm_label(arm))} vs {text(arm_phrase(reference))}</b> ({text('; '.join(outcomes))}): "
        f"withheld, {text(why)}.</li>"
        for (arm, reference, why), outcomes in said.items()
    )
    return (
        '<div class="card"><h3>Like for like: no comparison can be made</h3><p>The unadjusted differences are withheld'
        f" as well, because they would be read as one.</p><ul>{items}</ul></div>"
    )


def behind(released: Released) -> Fragment:
    """What the primary comparison rests on: balance and overlap."""
    rows = in_order(released)
    if not rows:
        return Fragment("")
    row, guide = rows[0], plain(released.study.gate.max_smd)
    names = f"{arm_label(row.arm)} and {arm_phrase(row.reference)}"
    weighted = any(d.result_id == row.result_id and d.check == "balance" for d in released.tables.diagnostics)
    cards = [
        figure(
            "Are the two groups alike after weighting?" if weighted else "How the two groups differ at the start",
            (
                f"{names}: the largest differences at the start. Guide: under {guide}."
                if weighted
                else f"{names}: no weighting could be done. Alike would be under {guide}."
            ),
            balance_figure(released, row),
        ),
        figure(
            "Could these people have started at either level?",
            f"{names}: where the outlines overlap, people can be compared.",
            overlap_figure(released, row),
        ),
    ]
    shown = grid(cards)
    return Fragment(section("Behind the first comparison", shown), (row.result_id,) if shown else ())
