"""The dashboard: one file with released cells alone, in which a reader chooses measure, levels, periods and one split.

Nothing is computed in it but where a mark is drawn.  It asks no network, keeps its choices in its address, and shows a
plain table where scripts are off.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.report.definitions import counted, definitions, level_label, short, titled
from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.drawing.canvas import NEUTRAL
from pipeline.report.edition import MEASURES, TOO_EARLY
from pipeline.report.fragment import table, text
from pipeline.report.names import arm_styles, group_label
from pipeline.report.numbers import day, percent
from pipeline.report.output.frame import DASHBOARD, TEMPLATES, Listed, bar, whole_page
from pipeline.report.released import Released
from pipeline.report.sections.head import head
from pipeline.report.sections.method import provenance
from pipeline.report.watching.course import headline_of
from pipeline.report.watching.measured import Key, beside_harm, keys_of, rows_of
from pipeline.results import ALL_LEVELS, Result

NAME, TITLE = DASHBOARD
LINE = "Every measure by level and period, and by one of site, payer or race; choose, look, and take the table along."
FEW, NOT_TOLD = "too few", "not told"
DASHES = {"D": "6 3", "s": "none", "o": "2 3", "^": "7 3 2 3"}
CONTROLS = """<section id="board" hidden><h2>Choose</h2><div class="controls">
<span><label for="measure">Measure</label> <select id="measure"></select></span>
<span><label for="period">Period</label> <select id="period"></select></span>
<span><label for="split">Split by</label> <select id="split"></select></span>
<span><label for="group">Which</label> <select id="group"></select></span>
<fieldset><legend>Levels</legend><div id="levels"></div></fieldset>
<button id="csv" type="button">This table as CSV</button></div>
<p id="told" class="note" role="status"></p><div id="picture" class="card"></div>
<div class="scroll" tabindex="0" role="region" aria-label="The chosen numbers"><table class="dense">
<caption class="vh">The chosen numbers</caption><thead id="head"></thead><tbody id="body"></tbody></table></div>
<p class="note">As observed: not adjusted for who starts where, so rows do not compare levels or sites. Small groups are
hidden, with what would give them away; nothing else is in this file.</p></section>"""


def dashboard_page(released: Released, pages: Sequence[Listed]) -> str:
    """dashboard.html, from the same template as the pages."""
    parts = {
        "header": [head(released, title=TITLE, kind="Dashboard").html],
        "main": [CONTROLS, f"<noscript>{plain_table(released)}</noscript>", data_of(released), script()],
        "footer": [provenance(released).html],
    }
    return whole_page(f"{TITLE} – {released.study.name}", parts, bar(pages, NAME))


def script() -> str:
    return f"<script>{(TEMPLATES / NAME / 'dashboard.js').read_text(encoding='utf-8')}</script>"


def data_of(released: Released) -> str:
    """The cells as JSON that no label can break out of."""
    keys = keys_of(released)
    styles = arm_styles(released.study)
    arms = [ALL_LEVELS, *released.arms]
    looks = [
        {"name": level_label(arm), "color": look.color, "shape": look.marker, "dash": DASHES.get(look.marker, "3 2")}
        if (look := styles.get(arm))
        else {"name": level_label(arm), "color": NEUTRAL, "shape": "o", "dash": "none"}
        for arm in arms
    ]
    found = [cell for number, key in enumerate(keys) for cell in cells_of(released, number, key, arms)]
    content = {
        "measures": [{"title": title_of(released, key)} for key in keys],
        "arms": looks,
        "names": {
            name: group_label(kind, name) for kind, name in dict.fromkeys((cell[3], cell[4]) for cell in found) if name
        },
        "cells": found,
    }
    told = json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="cells">{told}</script>'


def title_of(released: Released, key: Key) -> str:
    return ", ".join(
        part for part in titled(released, definitions(released), key.measure, key.outcome, key.day) if part
    )


def cells_of(released: Released, number: int, key: Key, arms: Sequence[str]) -> Iterator[list[Any]]:
    """measure, level, period, split, group, share, limits, counts, the words in place of a share, and, of what stands
    as an earlier edition released it, that day."""
    found = released.rows(analysis=MEASURES, measure=key.measure, outcome=key.outcome, day=key.day)
    known = [row for row in found if row.arm in arms and not row.reason.startswith(TOO_EARLY)]
    for row in sorted(known, key=lambda row: (arms.index(row.arm), row.site, row.payer, row.stratum, row.period)):
        split, group = split_of(row)
        when = released.released_on(row)
        numbers = numbers_of(beside_harm(released, row))
        yield [number, arms.index(row.arm), row.period, split, group, *numbers, *([day(when)] if when else ())]


def split_of(row: Result) -> tuple[str, str]:
    """By what a row is split, and its part."""
    found = (("site", row.site), ("payer", row.payer), ("race", row.stratum))
    return next((one for one in found if one[1]), ("", ""))


def numbers_of(row: Result) -> list[Any]:
    """Share, limits and counts as they are released, None for each that is not; then the words in place of a share."""
    if not isinstance(row.estimate, float):
        few = row.reason.startswith("too few")
        return [*([None] * 5), percent(row.estimate) if is_suppressed(row.estimate) else FEW if few else NOT_TOLD]
    values = (row.estimate, row.low, row.high)
    shares = [float(f"{one:.4g}") if isinstance(one, float) else None for one in values]
    return [*shares, *(one if isinstance(one, int) else None for one in (row.numerator, row.denominator)), ""]


def plain_table(released: Released) -> str:
    """Every measure at every level in its last twelve months, for readers without scripts."""
    body = []
    for key in keys_of(released):
        for arm in (ALL_LEVELS, *released.arms):
            row = headline_of(rows_of(released, key, arm))
            if row is not None:
                own = beside_harm(released, row)
                counts = counted(own) if isinstance(own.estimate, float) else ""
                body.append([text(title_of(released, key)), text(level_label(arm)), short(own), counts])
    return table("Last 12 months", ["Measure", "Level", "Share", "Counts"], body, kind="steps dense")
