"""The dashboard holds released cells alone, in one small file that no label can break out of."""

import json
import re
from dataclasses import replace

from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.output.dashboard import dashboard_page
from pipeline.report.output.pages import PAGES

LIMIT = 300_000


def cells(page):
    found = re.search(r'<script type="application/json" id="cells">(.*?)</script>', page, re.S)
    return json.loads(found[1])


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
