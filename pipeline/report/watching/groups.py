"""Does it hold for everybody: each measure by payer and by race or ethnicity, with how many people and the largest
gap."""

from collections import defaultdict
from collections.abc import Sequence

from pipeline.report.definitions import definitions, short, titled
from pipeline.report.edition import MEASURES, Edition
from pipeline.report.fragment import Fragment, ids, section, table, text
from pipeline.report.names import group_label
from pipeline.report.numbers import count
from pipeline.report.released import Released
from pipeline.report.watching.changes import limits
from pipeline.report.watching.course import share_of
from pipeline.report.watching.look_first import points_of
from pipeline.report.watching.measured import Key, first_scales, is_told, keys_of, told_beside_harm
from pipeline.results import ALL_LEVELS, Result

COLUMNS = {"payer": "By payer", "stratum": "By race or ethnicity"}
NOTE = (
    "All levels together, {when}, as observed. Largest gap: the highest told group less the lowest, with its 99% range;"
    " of many groups one will always be highest, so a gap is a reason to look, not a finding."
)


def groups(released: Released, issue: Edition) -> Fragment:
    """A table for payers and one for race and ethnicity; a page of one site has neither."""
    if issue.site:
        return Fragment("")
    made, used = "", []
    for column, caption in COLUMNS.items():
        lines = lines_of(released, column)
        names = list(dict.fromkeys(name for _, of in lines for name in of))
        body = [
            [
                title_of(released, key),
                *(cell(released, of.get(name)) for name in names),
                gap(released, list(of.values())),
            ]
            for key, of in lines
        ]
        head = ["Measure", *(text(group_label(column, name)) for name in names), "Largest gap"]
        made += f"<h3>{caption}</h3>{table(caption, head, body, kind='steps dense groups')}" if body else ""
        used += [row for _, of in lines for row in of.values()]
    when = "last 12 months" if any(row.period for row in used) else "all periods"
    return Fragment(section("Does it hold for everybody?", made, note=NOTE.format(when=when)), ids(used))


def lines_of(released: Released, column: str) -> list[tuple[Key, dict[str, Result]]]:
    """Each measure of the page that is told of some group, with its groups, the largest first."""
    first = first_scales(released)
    found: dict[Key, dict[str, Result]] = defaultdict(dict)
    for key in keys_of(released):
        rows = released.rows(analysis=MEASURES, measure=key.measure, outcome=key.outcome, day=key.day, arm=ALL_LEVELS)
        some = [row for row in rows if getattr(row, column) and key.outcome in first]
        some.sort(key=lambda row: -(row.denominator if isinstance(row.denominator, int) else 0))
        if any(is_told(row) and told_beside_harm(released, row) for row in some):
            found[key] = {getattr(row, column): row for row in some}
    return list(found.items())


def title_of(released: Released, key: Key) -> str:
    words, under = titled(released, definitions(released), key.measure, key.outcome, key.day)
    return text(words) + (f"<small>{text(under)}</small>" if under else "")


def cell(released: Released, row: Result | None) -> str:
    """A group's share and how many people it rests on."""
    if row is None:
        return short(None)
    if not told_beside_harm(released, row):
        return '<span class="hid">hidden</span>'
    n = f"<small>n {count(row.denominator)}</small>" if is_told(row) and isinstance(row.denominator, int) else ""
    return short(row) + n


def gap(released: Released, rows: Sequence[Result]) -> str:
    """The highest told group less the lowest."""
    told = [row for row in rows if is_told(row) and told_beside_harm(released, row)]
    shares = [(share, row) for row in told if (share := share_of(row)) is not None]
    if len(shares) < 2:
        return short(None)
    high, low = max(shares, key=lambda one: one[0].value)[0], min(shares, key=lambda one: one[0].value)[0]
    least, most = limits(high, low)
    gap, first, last = points_of(high.value - low.value, least, most)
    return f"{gap} points<small>{first} to {last}</small>"
