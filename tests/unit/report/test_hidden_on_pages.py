"""A count that is hidden in a table is on no page: not in words, not in figures, not in what a screen reader says."""

import html
import re

import pytest

from pipeline.report.disclosure.gate import Tables
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.results import COUNTS, RESULT_TABLES
from pipeline.store import RESULTS, read_rows, reading
from pipeline.study_toml.file import load_study

COUNTED = {"results": COUNTS, "attrition": ("n_left", "n_removed"), "points": ("n",)}
NUMBER = re.compile(r"(?<![\w.,#−-])(?:\d{1,3}(?:,\d{3})+|\d+)(?![\w%]|[.,]\d)")
# Counts of rows, days and years, the kind of care, items of a guideline and shares in a hundred count no people.
OWN = re.compile(
    r"The [\d,]+ results rows this page shows|[Dd]ay \d+|\d+ days|20\d\d|24-hour|STROBE\s+\d+|14\s+28\s+42|[Oo]f 100[^.;]*|\d+ papers"
)


def spoken(page):
    """Everything that a page says: its text, the words of its figures, and its labels."""
    page = re.sub(r"<(style|script).*?</\1>", " ", page, flags=re.S)
    labels = " ".join(re.findall(r'(?:aria-label|title|alt)="([^"]*)"', page))
    return OWN.sub(" ", html.unescape(re.sub(r"<[^>]+>", " ", page) + " " + labels))


@pytest.fixture(scope="module")
def stored(example):
    with reading(load_study(example), RESULTS) as con:
        return Tables(**{name: read_rows(con, name, kind) for name, kind in RESULT_TABLES.items()})


def counts(stored, released):
    """Counts that are hidden wherever they stand, and counts that are shown somewhere."""
    hidden, shown = {}, set()
    for name, columns in COUNTED.items():
        for row, out in zip(getattr(stored, name), getattr(released.tables, name), strict=True):
            for column in columns:
                value = getattr(row, column)
                if getattr(out, column) is SUPPRESSED:
                    hidden.setdefault(value, f"{name} {row}")
                elif isinstance(value, int):
                    shown.add(value)
    shown |= {point.at_risk for point in released.tables.curves if isinstance(point.at_risk, int)}
    shown |= {round(d.after) for d in released.tables.diagnostics if isinstance(d.after, float)}
    return {value: where for value, where in hidden.items() if value not in shown}, shown


@pytest.mark.parametrize("name", ["index", "director", "claims", "quality", "research", "data_quality"])
def test_no_page_says_a_count_that_is_hidden_in_every_table(stored, released, pages, name):
    hidden, _ = counts(stored, released)
    said = {int(one.replace(",", "")) for one in NUMBER.findall(spoken((pages / f"{name}.html").read_text()))}
    assert {value: hidden[value] for value in said & hidden.keys() if value > 10} == {}


def test_pages_say_counts_and_some_are_hidden_so_that_this_can_fail(stored, released, pages):
    hidden, shown = counts(stored, released)
    said = {int(one.replace(",", "")) for one in NUMBER.findall(spoken((pages / "director.html").read_text()))}
    assert len(hidden) > 10
    assert len(said & shown) > 5
