"""The dashboard holds released cells alone, in one small file that no label can break out of."""

import json
import re
from collections import defaultdict
from dataclasses import replace

from pipeline.report.definitions import level_label
from pipeline.report.disclosure.suppressed import SUPPRESSED, Within
from pipeline.report.output.dashboard import dashboard_page
from pipeline.report.output.pages import PAGES

LIMIT = 300_000


def cells(page):
    found = re.search(r'<script type="application/json" id="cells">(.*?)</script>', page, re.S)
    return json.loads(found[1])


def numbers_of(row):
    """The numbers of a released row that a dashboard may hold: none where its share is not told."""
    told = [getattr(row, name) for name in ("estimate", "low", "high", "numerator", "denominator")]
    if not isinstance(row.estimate, float):
        return [None] * 5
    return [float(f"{one:.4g}") if isinstance(one, float) else one if isinstance(one, int) else None for one in told]


def with_rows(released, change):
    return replace(released, tables=replace(released.tables, results=tuple(map(change, released.tables.results))))


def test_each_released_rate_is_one_cell_with_its_counts(released):
    content = cells(dashboard_page(released, PAGES))
    number = [one["title"] for one in content["measures"]].index("Still in care, at any level of care, day 30")
    iop = [one["name"] for one in content["arms"]].index("IOP")
    [cell] = [one for one in content["cells"] if one[:3] == [number, iop, "2025Q3"]]
    assert cell[5] == 0.533
    assert cell[8:] == [320, 600, ""]


def test_what_is_hidden_is_not_in_the_file(released):
    told = dashboard_page(released, PAGES)
    hidden = with_rows(
        released,
        lambda row: (
            replace(row, estimate=SUPPRESSED, low=SUPPRESSED, high=SUPPRESSED, n=SUPPRESSED, numerator=SUPPRESSED,
                    denominator=SUPPRESSED)
            if row.period == "2025Q2" and row.analysis == "measures" else row
        ),
    )  # fmt: skip
    content = cells(dashboard_page(hidden, PAGES))
    of_quarter = [one for one in content["cells"] if one[2] == "2025Q2"]
    assert of_quarter
    assert all(one[5:10] == [None] * 5 and one[10] == "hidden" for one in of_quarter)
    assert any(one[5] is not None for one in cells(told)["cells"] if one[2] == "2025Q2")


def test_every_number_in_the_file_is_one_of_the_row_it_stands_for(released):
    """Each third quarter is told as a range, each second hidden: of their counts and limits nothing is in the file."""
    bound = {"estimate": Within(0.31, 0.42), "numerator": Within(101, 140), "low": SUPPRESSED, "high": SUPPRESSED}
    gone = dict.fromkeys(("estimate", "numerator", "denominator", "low", "high", "n"), SUPPRESSED)
    told = with_rows(
        released,
        lambda row: replace(row, **bound if row.period == "2025Q3" else gone if row.period == "2025Q2" else {}),
    )
    content = cells(dashboard_page(told, PAGES))
    rows = defaultdict(list)
    for row in told.tables.results:
        if row.analysis == "measures":
            rows[level_label(row.arm), row.period, row.site or row.payer or row.stratum].append(row)
    for _, arm, period, _, group, *numbers, words in content["cells"]:
        behind = rows[content["arms"][arm]["name"], period, group]
        assert any(numbers == numbers_of(row)[:5] for row in behind)
        assert period != "2025Q3" or (numbers[:4] == [None] * 4 and re.findall(r"\d+", words) == ["31", "42"])


def test_reliably_better_is_hidden_where_reliably_worse_is(released):
    hidden = with_rows(
        released, lambda row: replace(row, estimate=SUPPRESSED) if row.measure == "reliable_deterioration" else row
    )
    content = cells(dashboard_page(hidden, PAGES))
    better = [i for i, one in enumerate(content["measures"]) if one["title"].startswith("Reliably better")]
    assert better
    assert all(one[10] == "hidden" for one in content["cells"] if one[0] in better)


def test_a_hostile_site_code_stays_text(released):
    hostile = with_rows(
        released, lambda row: replace(row, site="</script><script>alert(1)</script>") if row.site == "s03" else row
    )
    page = dashboard_page(hostile, PAGES)
    assert "<script>alert" not in page
    assert "</script><script>alert(1)</script>" in {one[4] for one in cells(page)["cells"]}


def test_the_file_is_small_and_shows_a_table_without_scripts(released):
    page = dashboard_page(released, PAGES)
    assert len(page.encode()) <= LIMIT
    plain = re.search(r"<noscript>(.*?)</noscript>", page, re.S)[1]
    assert "930 of 1,800" in plain


def test_a_study_without_measures_has_an_empty_dashboard(released_without_scores):
    assert cells(dashboard_page(released_without_scores, PAGES))["cells"] == []
