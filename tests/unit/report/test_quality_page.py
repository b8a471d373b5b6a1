"""The quality page: one period, for all sites or for one; a page of one site holds nothing of another."""

import re
from dataclasses import replace

import pytest

from pipeline.errors import UsageError
from pipeline.periods import before
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.edition import edition, latest, of_site, periods, sites, would_do
from pipeline.report.numbers import percent_and_range
from pipeline.report.output.run import render_editions
from pipeline.report.sections.changes_over_time import control_charts, disagreeing, funnels
from pipeline.report.sections.edition import defined, every_definition
from pipeline.report.watching.apart import site_rows
from pipeline.report.watching.groups import groups
from pipeline.report.watching.look_first import look_first, too_small
from pipeline.report.watching.measure_table import measure_table
from pipeline.report.watching.measured import keys_of
from pipeline.report.watching.pulled import pulled, pulled_of
from pipeline.report.watching.site_table import site_table
from pipeline.report.watching.strips_card import strips
from pipeline.study_toml.file import load_study
from tests.unit.report.example_measures import SITES


def plain(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def rows(fragment):
    return [plain(one) for one in re.findall(r"<tr>.*?</tr>", fragment.html, re.S)]


def test_the_latest_period_is_the_last_one_that_can_be_observed_in_full(released):
    assert latest(released) == "2025Q3"
    assert periods(released)[-2:] == ("2025Q4", "12 months to 2025Q3")
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
        ("2026H1", "2025H2"),
        ("2026H2", "2026H1"),
        ("12 months to 2026Q1", "12 months to 2025Q1"),
        ("", ""),
    ],
)
def test_the_period_before_has_the_same_length(period, earlier):
    assert before(period) == earlier


def test_a_period_or_site_that_nobody_knows_is_a_usage_error_that_names_the_known_ones(released):
    with pytest.raises(UsageError, match="2031Q1 is not in the records; known are: 2025Q1 to 2025Q4"):
        edition(released, "2031Q1")
    with pytest.raises(UsageError, match="the latest that everybody was followed through is 2025Q3"):
        edition(released, "2031-05")
    with pytest.raises(UsageError, match="is no period; write 2026, 2026H1, 2026Q3, 2026-09 or last-12-months"):
        edition(released, "spring")
    with pytest.raises(UsageError, match="known are: s01, s02"):
        edition(released, site="s99")


@pytest.mark.parametrize(
    ("asked", "period"),
    [
        ("2025Q3", "2025Q3"),
        ("2025", "2025"),
        ("2025H1", "2025H1"),
        ("2025-09", "2025-09"),
        ("last-12-months", "12 months to 2025Q3"),
    ],
)
def test_a_month_a_quarter_a_half_a_year_and_the_last_twelve_months_can_be_asked_for(released, asked, period):
    assert edition(released, asked).period == period
    assert edition(released, asked).title == f"Quality of care, {period}"


def test_a_page_of_no_period_is_headed_by_none_since_each_measure_has_its_own_latest(released):
    assert edition(released).title == "Quality of care"
    assert edition(released, site="s03").title == "Quality of care, site s03"


def test_a_period_that_is_too_small_says_so_and_which_one_would_do(released):
    issue = edition(released, "2025-09")
    assert would_do(released, issue) == "2025Q3"
    assert "2025-09 is too short a period for these records" in plain(too_small(released, issue).html)
    assert "--period 2025Q3" in plain(too_small(released, issue).html)
    assert too_small(released, edition(released, "2025Q3")).html == ""


def lines(fragment, level):
    return [one for one in rows(fragment) if one.startswith(level)]


def test_a_measure_has_its_twelve_months_its_latest_period_its_change_and_the_word(released):
    found = lines(measure_table(released, edition(released)), "IOP")
    assert any("52% (49%–54%) 930 of 1,800" in one and "53% 2025Q3 320 of 600" in one for one in found)
    assert any("2.5 points" in one and "= as before" in one for one in found)


def test_a_period_that_was_asked_for_stands_in_the_place_of_the_latest(released):
    found = lines(measure_table(released, edition(released, "2025Q2")), "IOP")
    assert any("52% 2025Q2 310 of 600" in one for one in found)


def test_harm_stands_before_getting_better(released):
    told = plain(measure_table(released, edition(released)).html)
    assert told.index("Reliably worse around day 90") < told.index("Reliably better around day 90")


def test_reliably_better_is_hidden_where_reliably_worse_is_as_on_the_scorecard(released):
    tables = released.tables
    hidden = tuple(
        replace(row, estimate=SUPPRESSED, n=SUPPRESSED) if row.measure == "reliable_deterioration" else row
        for row in tables.results
    )
    other = replace(released, tables=replace(tables, results=hidden))
    told = plain(measure_table(other, edition(other)).html)
    assert "No level can be told" in told
    assert "640 of 1,500" not in told
    assert "640 of 1,500" not in plain(every_definition(other, edition(other)).html)


def test_a_measure_that_could_not_be_counted_anywhere_is_one_line_with_its_reason(released):
    tables = released.tables
    why = "nobody was measured with this scale at the start; export its scores in assessments"
    none = dict.fromkeys(("estimate", "low", "high", "n", "numerator", "denominator", "events"))
    silent = tuple(
        replace(row, **none, reason=why)
        if row.measure == "reliable_improvement" and row.analysis == "measures"
        else row
        for row in tables.results
    )
    other = replace(released, tables=replace(tables, results=silent))
    told = plain(every_definition(other, edition(other)).html)
    assert f"Not counted, because {why}: Reliably better around day 90, PHQ-9." in told


def test_charts_show_the_measures_of_the_page(released):
    drawn = control_charts(released, edition(released)).html
    assert drawn.count("<svg viewBox") == 1
    assert "IOP: baseline 52%, beyond the limits in 2025Q3; Inpatient: baseline 52%" in drawn


def test_a_funnel_is_drawn_only_where_its_limits_could_find_a_site(released):
    drawn = funnels(released, edition(released)).html
    assert "beyond the limits: s12" in drawn
    wide = tuple(
        replace(point, low=0.0, high=0.9) if point.figure == "funnel" else point for point in released.tables.points
    )
    other = replace(released, tables=replace(released.tables, points=wide))
    assert funnels(other, edition(other)).html == ""


def test_sites_are_dots_with_their_codes_and_what_cannot_be_said_of_few_is_said(released):
    drawn = strips(released, edition(released)).html
    assert "12 of 12 sites, 40% to 47%" in drawn
    assert ">s12</text>" in drawn


def test_a_program_of_one_site_has_no_column_of_sites(released):
    issue = edition(released)
    alone = replace(released, manifest={**released.manifest, "sites": 1})
    assert "Sites: a dot for each site." in measure_table(released, issue).html
    assert "Sites" not in plain(measure_table(alone, issue).html)


def test_the_page_of_one_site_holds_its_own_rows_and_the_study_wide_ones_and_nothing_of_another(released):
    own = of_site(released, "s03")
    assert {row.site for row in own.tables.results} == {"", "s03"}
    kept = {row.result_id for row in own.tables.results} | {""}
    assert {point.result_id for point in own.tables.points} <= kept
    assert not {point.label for point in own.tables.points} & (set(SITES) - {"s03"})
    assert len(of_site(released, "").tables.results) == len(released.tables.results)


def test_a_site_sees_itself_beside_all_other_sites_without_seeing_them(released):
    own, issue = of_site(released, "s03"), edition(released, site="s03")
    told = rows(site_table(own, issue, pulled_of(released, "s03")))
    [found] = [one for one in told if one.startswith("IOP") and "62 of 150" in one]
    assert "53% 868 of 1,650" in found
    assert "−11 −22 to 0 as others" in found
    assert funnels(own, issue).html == ""


def test_a_site_of_few_people_sees_its_share_pulled_towards_all_sites(released):
    told = rows(site_table(of_site(released, "s03"), edition(released, site="s03"), pulled_of(released, "s03")))
    [found] = [one for one in told if one.startswith("IOP") and "62 of 150" in one]
    near = next(one for (_, arm), one in pulled_of(released, "s03").items() if arm == "iop")
    assert 62 / 150 < near.estimate < 868 / 1650
    assert " ".join(percent_and_range(near.estimate, near.low, near.high)) in found


def test_a_site_whose_people_are_not_told_neither_pulls_nor_is_pulled(released):
    key = next(one for one in keys_of(released) if one.measure == "retention_any_level")
    told = site_rows(released, key, "iop", sites(released))
    hidden = replace(told[0], numerator=SUPPRESSED, denominator=SUPPRESSED, n=SUPPRESSED, estimate=SUPPRESSED)
    assert repr(pulled([hidden, *told[1:]])) == repr(pulled(told[1:]))
    assert pulled([hidden, *told[1:3]]) == {}


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
        run, "one_page", lambda job, folder, pdf, *_: asked.append(job) or (run.PageReport(job.name, "", 0, 0.0), ())
    )
    render_editions(load_study(example), tmp_path, period="2025Q2", each_site=True)
    assert [(job.parameters["period"], job.parameters["site"]) for job in asked] == [
        ("2025Q2", site) for site in sites(released)
    ]


def test_a_study_without_sites_cannot_be_reported_by_site(tmp_path, released_without_scores):
    with pytest.raises(UsageError, match="no measure of this study is counted by site"):
        render_editions(released_without_scores.study, tmp_path, each_site=True)


def test_groups_have_their_numbers_and_the_largest_gap(released):
    told = plain(groups(released, edition(released)).html)
    assert "50% n 900 60% n 500 10 points 3 to 17" in told
    assert groups(released, edition(released, site="s03")).html == ""


def test_definitions_and_their_disagreement_are_on_the_page(released):
    assert "Left out their records end before the day" in plain(defined(released).html)
    assert "The order of the levels depends on the definition" in plain(disagreeing(released).html)


def test_a_study_without_measures_says_so(released_without_scores):
    issue = edition(released_without_scores)
    assert issue.period == ""
    assert "No measure was counted" in measure_table(released_without_scores, issue).html
    assert look_first(released_without_scores, issue).html == ""


def test_how_to_read_the_table_speaks_only_of_the_columns_that_are_there(released):
    issue = edition(released)
    whole = plain(measure_table(released, issue).html)
    assert "Change: the latest period less the twelve months before it" in whole
    rows = tuple(row for row in released.tables.results if row.analysis != "measures" or not row.period)
    told = plain(measure_table(replace(released, tables=replace(released.tables, results=rows)), issue).html)
    assert "All periods: the share over its likely range" in told
    assert "Change:" not in told
    assert "Last 12 months: the share" not in told
