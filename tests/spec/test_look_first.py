"""Look here first: what is new in the latest period stands at the top of the quality page, harm first; and it is never
said that nothing changed where nothing could be watched."""

import re
from dataclasses import replace

import pytest
from scipy.stats import fisher_exact

from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.edition import edition, sites
from pipeline.report.watching.apart import others_together, site_rows
from pipeline.report.watching.changes import fisher
from pipeline.report.watching.course import courses
from pipeline.report.watching.measure_table import measure_table
from pipeline.report.watching.measured import keys_of
from pipeline.results import Result
from tests.spec.watched_study import ARM, drawn, quarters, told

STEADY_HARM = [(5, 251), (6, 250), (6, 252), (5, 249), (6, 250), (5, 253)]


def test_a_fall_of_kept_visits_from_93_to_55_percent_stands_in_look_here_first(tmp_path):
    parts = quarters(*[(93, 100)] * 7, (55, 100))
    said = told(drawn(tmp_path, parts, measure="attendance", day=90, visits=10))
    assert "Worse Visits kept, day 90, Outpatient : 55%" in said
    assert "in 2025Q4; 93%" in said


def test_reliably_worse_from_5_of_253_to_24_of_256_stands_in_look_here_first_though_the_5_is_hidden(tmp_path):
    parts = quarters(*STEADY_HARM, (24, 256))
    said = told(drawn(tmp_path, parts, measure="reliable_deterioration", scale="GAD7", day=90))
    assert "Worse Reliably worse around day 90, of those measured again, GAD-7" in said
    assert "9% (24 of 256) in 2025Q4" in said
    assert "5 of 253" not in said


def test_follow_up_after_24_hour_care_from_30_to_21_percent_stands_in_look_here_first(tmp_path):
    parts = quarters(*[(258, 853)] * 4, (180, 857))
    said = told(drawn(tmp_path, parts, measure="follow_up_after_24h", day=30))
    assert "Worse Seen as an outpatient after 24-hour care, day 30, Outpatient : 21% (180 of 857) in 2025Q4" in said
    assert "30%" in said


def test_a_site_at_6_percent_among_33_stands_in_look_here_first(tmp_path):
    sites = [quarters(*[(33 + i % 3, 100)] * 5, site=f"s{i}") for i in range(1, 10)]
    parts = [part for one in (*sites, quarters(*[(6, 100)] * 5, site="s11")) for part in one]
    said = told(drawn(tmp_path, parts, measure="follow_up_after_24h", day=30))
    assert "Apart Site s11, Seen as an outpatient after 24-hour care, day 30, Outpatient : 6% (24 of 400)" in said
    assert "the other 9 sites 33% to 35%" in said


def test_a_series_that_goes_on_as_before_is_said_to_be_watched_and_steady(tmp_path):
    parts = quarters(*[(120, 250)] * 8)
    said = told(drawn(tmp_path, parts, measure="follow_up_after_24h", day=30))
    assert "Nothing new" in said
    assert "1 of 1 series were watched" in said


def test_where_nothing_could_be_watched_it_is_not_said_that_nothing_changed(tmp_path):
    parts = quarters(*[(2, 8)] * 8)
    said = told(drawn(tmp_path, parts, measure="follow_up_after_24h", day=30))
    assert "None of 1 series could be watched" in said
    assert "Nothing new" not in said
    assert said.endswith("This does not mean that nothing changed: look at longer periods.")


def test_where_most_series_could_not_be_watched_it_is_not_said_that_nothing_is_new(tmp_path):
    steady = quarters(*[(120, 250)] * 8)
    few = [part | {"arm": arm} for arm in ("iop", "inpatient") for part in quarters(*[(2, 8)] * 8)]
    said = told(drawn(tmp_path, [*steady, *few], measure="follow_up_after_24h", day=30))
    assert "Nothing new" not in said
    assert "Only 1 of 3 series could be watched, and nothing in it moved" in said
    assert "Of the other 2 nobody can say" in said
    assert "were watched" not in said


def test_what_was_new_two_quarters_ago_is_no_news_of_the_latest_period(tmp_path):
    parts = quarters(*[(75, 250)] * 4, *[(40, 250)] * 4)
    released = drawn(tmp_path, parts, measure="follow_up_after_24h", day=30)
    assert "Nothing new" in told(released)
    assert "Worse" in told(released, "2025Q1")


def test_a_hidden_quarter_never_stands_in_what_was_before(tmp_path):
    released = drawn(
        tmp_path, quarters(*STEADY_HARM, (24, 256)), measure="reliable_deterioration", scale="GAD7", day=90
    )
    [course] = [one for one in courses(released, keys_of(released), (ARM,), "") if one.key.outcome == "GAD7"]
    assert course.earlier.counted >= 11
    assert len(course.earlier.periods) == 3


@pytest.mark.parametrize(
    "table", [(24, 256, 5, 253), (0, 40, 12, 60), (29, 486, 900, 3100), (3, 3, 0, 4), (7, 9, 7, 9)]
)
def test_the_exact_test_is_fishers(table):
    counted, asked, before, asked_before = table
    expected = fisher_exact([[counted, asked - counted], [before, asked_before - before]]).pvalue
    assert fisher(*table) == pytest.approx(expected, rel=1e-9)


def test_no_line_of_look_here_first_lacks_its_counts_and_periods(tmp_path):
    said = told(drawn(tmp_path, quarters(*[(258, 853)] * 4, (180, 857)), measure="follow_up_after_24h", day=30))
    assert re.search(r"Difference −9 points \(−1\d to −\d\), p below 0\.001", said)


def test_sites_of_few_people_are_told_together_where_all_and_each_other_site_are_told(tmp_path):
    large = [part for i in range(1, 6) for part in quarters(*[(40 + i, 120)] * 5, site=f"s{i}")]
    small = [part for i in (6, 7) for part in quarters(*[(2, 6)] * 5, site=f"s{i}")]
    released = drawn(tmp_path, [*large, *small], measure="follow_up_after_24h", day=30)
    [key] = [one for one in keys_of(released) if one.day == 30]
    rows = site_rows(released, key, ARM, sites(released))
    rest = others_together(released, key, ARM, rows)
    assert [row.site for row in rows] == ["s1", "s2", "s3", "s4", "s5"]
    assert (rest.counted, rest.asked) == (16, 48)
    assert others_together(released, key, ARM, [replace(rows[0], numerator=SUPPRESSED), *rows[1:]]) is None


def test_harm_that_no_measure_counts_by_period_stands_on_the_quality_page_of_all_periods(tmp_path):
    released = drawn(tmp_path, quarters(*[(40, 120)] * 8), measure="follow_up_after_24h", day=30)
    asked = {"question": "C11", "analysis": "safety", "arm": ARM, "unit": "share"}
    harm = [
        Result(measure="self_harm", day=30, estimate=0.03, numerator=30, denominator=1000, n=1000, **asked),
        Result(measure="self_harm", day=90, estimate=0.05, numerator=50, denominator=1000, n=1000, **asked),
        Result(measure="ed_visit", day=90, reason="nobody was asked", **asked),
    ]
    both = replace(released, tables=replace(released.tables, results=(*released.tables.results, *harm)))
    said = words(measure_table(both, edition(both)))
    assert "Self-harm, of those asked day 90, all periods" in said
    assert "50 of 1,000" in said
    assert "Emergency visit" not in said
    assert said.index("Self-harm") < said.index("Seen as an outpatient")


def words(fragment):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", fragment.html))
