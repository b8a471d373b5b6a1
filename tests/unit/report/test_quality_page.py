"""The quality page: one period, for all sites or for one; a page of one site holds nothing of another."""

import re
from dataclasses import replace

import pytest

from pipeline.errors import UsageError
from pipeline.report.edition import before, edition, latest, of_site, periods, sites
from pipeline.report.output.run import render_editions
from pipeline.report.sections.changes_over_time import changed, control_charts, disagreeing, funnels
from pipeline.report.sections.edition import defined, equity, rates
from pipeline.study_file import load_study
from tests.unit.report.example_measures import SITES


def plain(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def rows(fragment):
    return [plain(one) for one in re.findall(r"<tr>.*?</tr>", fragment.html, re.S)]


def test_the_latest_period_is_the_last_one_that_can_be_observed_in_full(released):
    assert latest(released) == "2025Q3"
    assert periods(released)[-1] == "2025Q4"
    assert edition(released).name == "quality-2025Q3"
    assert edition(released, "2025Q2", "s03").name == "quality-2025Q2-s03"


@pytest.mark.parametrize(
    ("period", "earlier"),
    [
        ("2026Q1", "2025Q4"),
        ("2025Q3", "2025Q2"),
        ("2026-01", "2025-12"),
        ("2025-09", "2025-08"),
        ("2026", "2025"),
        ("", ""),
    ],
)
def test_the_period_before_has_the_same_length(period, earlier):
    assert before(period) == earlier


def test_a_period_or_site_that_nobody_knows_is_a_usage_error_that_names_the_known_ones(released):
    with pytest.raises(UsageError, match="2031Q1 is not known; known are: 2025Q1 to 2025Q4"):
        edition(released, "2031Q1")
    with pytest.raises(UsageError, match=r"2025-05 is not known; months are not told here.*2025Q2 holds this one"):
        edition(released, "2025-05")
    with pytest.raises(UsageError, match="the latest that everybody was followed through is 2025Q3"):
        edition(released, "2031-05")
    with pytest.raises(UsageError, match="is no period; write 2026, 2026Q3 or 2026-09"):
        edition(released, "spring")
    with pytest.raises(UsageError, match="known are: s01, s02"):
        edition(released, site="s99")


def test_a_measure_has_its_counts_range_period_before_and_published_figure(released):
    [found] = [one for one in rows(rates(released, edition(released))) if one.startswith("Still in care")]
    assert "day 90, version 1" in found
    assert "53% 49% to 57% 320 of 600 2025Q2: 52% all periods: 52%" in found
    assert found.endswith("52% United States, community programs (A published report, 2024)")


def test_a_period_that_cannot_be_observed_yet_says_too_early(released):
    [found] = [one for one in rows(rates(released, edition(released, "2025Q4"))) if one.startswith("Still in care")]
    assert "too early 2025Q3: 53%" in found


def test_getting_worse_stands_right_after_getting_better_and_change_carries_the_waiting_list(released):
    told = plain(rates(released, edition(released)).html)
    assert told.index("Reliable improvement") < told.index("waiting list") < told.index("Reliable deterioration")


def test_a_measure_that_could_not_be_counted_anywhere_is_one_line_with_its_reason(released):
    tables = released.tables
    why = "nobody was measured with this scale at the start; export its scores in assessments"
    silent = tuple(
        (
            replace(
                row,
                estimate=None,
                low=None,
                high=None,
                n=None,
                numerator=None,
                denominator=None,
                events=None,
                reason=why,
            )
            if row.measure == "reliable_improvement" and row.analysis == "measures"
            else row
        )
        for row in tables.results
    )
    told = plain(rates(replace(released, tables=replace(tables, results=silent)), edition(released)).html)
    assert f"Not counted, because {why}: Reliably better around day 90, PHQ-9, version 1." in told


def test_charts_are_read_out_where_they_show_change(released):
    issue = edition(released)
    assert "1 of 2 charts show no more than what varies anyway" in plain(changed(released, issue).html)
    drawn = control_charts(released, issue).html
    assert drawn.count("<svg viewBox") == 1
    assert "IOP: baseline 52%, beyond the limits in 2025Q3; Inpatient: baseline 52%" in drawn


def test_a_funnel_names_only_sites_beyond_its_limits(released):
    drawn = funnels(released, edition(released)).html
    assert "beyond the limits: s12" in drawn
    assert "s05" not in plain(re.sub(r"<style.*?</style>", "", drawn))


def test_the_page_of_one_site_holds_its_own_rows_and_the_study_wide_ones_and_nothing_of_another(released):
    own = of_site(released, "s03")
    assert {row.site for row in own.tables.results} == {"", "s03"}
    kept = {row.result_id for row in own.tables.results} | {""}
    assert {point.result_id for point in own.tables.points} <= kept
    assert not {point.label for point in own.tables.points} & (set(SITES) - {"s03"})
    assert len(of_site(released, "").tables.results) == len(released.tables.results)


def test_a_site_sees_itself_among_the_sites_without_seeing_them(released):
    own, issue = of_site(released, "s03"), edition(released, site="s03")
    told = plain(funnels(own, issue).html)
    assert "41% 44% 32% to 56% within" in told
    assert "<svg" not in funnels(own, issue).html
    [found] = [one for one in rows(rates(own, issue)) if one.startswith("Still in care")]
    assert "40% 29% to 51% 32 of 80 all periods: 41% all sites: 53%" in found


def test_a_rendered_page_of_a_site_names_no_other_site(example, tmp_path):
    made = render_editions(load_study(example), tmp_path, site="s03")
    [page] = made.pages
    content = (tmp_path / "example" / "quality-2025Q3-s03.html").read_text()
    assert page.name == "quality-2025Q3-s03"
    assert "Quality of care, 2025Q3, site s03" in content
    assert not [site for site in SITES if site != "s03" and re.search(rf"\b{site}\b", content)]


def test_each_site_gets_a_page_of_its_own(released, example, tmp_path, monkeypatch):
    from pipeline.report.output import run

    asked = []
    monkeypatch.setattr(
        run, "one_page", lambda job, folder, pdf: asked.append(job) or (run.PageReport(job.name, "", 0, 0.0), ())
    )
    render_editions(load_study(example), tmp_path, period="2025Q2", each_site=True)
    assert [(job.parameters["period"], job.parameters["site"]) for job in asked] == [
        ("2025Q2", site) for site in sites(released)
    ]


def test_a_study_without_sites_cannot_be_reported_by_site(tmp_path, released_without_scores):
    with pytest.raises(UsageError, match="no measure of this study is counted by site"):
        render_editions(released_without_scores.study, tmp_path, each_site=True)


def test_equity_definitions_and_disagreement_are_on_the_page(released):
    assert "medicaid" in plain(equity(released, edition(released)).html)
    assert equity(released, edition(released, site="s03")).html == ""
    assert "Left out their records end before the day" in plain(defined(released).html)
    assert "The order of the levels depends on the definition" in plain(disagreeing(released).html)


def test_a_study_without_measures_says_so(released_without_scores):
    issue = edition(released_without_scores)
    assert issue.period == ""
    assert "No measure was counted" in rates(released_without_scores, issue).html
    assert changed(released_without_scores, issue).html == ""
