"""Synthetic records: what a clinician or an analyst would check before believing that they look like care."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.ingest.run import check
from pipeline.schema import TABLES
from pipeline.study_toml.file import load_study
from pipeline.synthetic.output.run import synthesize
from pipeline.synthetic.population import draw, retention
from pipeline.synthetic.records.afterwards import CONTROLS
from pipeline.synthetic.records.tables import records_of
from pipeline.synthetic.scenarios import DEFAULT

PEOPLE = 3000
EXTRA = {"patients": {"export_run"}, "sessions": {"room"}, "assessments": {"form_version"}}


@pytest.fixture(scope="module")
def drawn():
    return draw(PEOPLE, np.random.default_rng(21), DEFAULT)


@pytest.fixture(scope="module")
def records(drawn):
    return records_of(drawn, "limited-data-set", np.random.default_rng(22))


@pytest.fixture(scope="module")
def tables(records):
    return records[0]


@pytest.fixture(scope="module")
def coverage(records):
    return records[1]


@pytest.fixture(scope="module")
def contacts(tables):
    """Attended services and bed days, in order."""
    sessions = tables["sessions"]
    came = sessions[sessions["status"].isin(["attended", "bed_day"])]
    return came.assign(day=came["service_day"].astype(int)).sort_values(["person", "day"])


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return synthesize(tmp_path_factory.mktemp("study") / "demo", patients=600)


@pytest.fixture(scope="module")
def written(study):
    return {name: pd.read_csv(Path(study.folder) / "raw" / f"{name}.csv", dtype=str) for name in study.rows}


def test_all_nine_tables_are_written_with_declared_columns_and_a_few_harmless_extra_ones(written):
    assert set(written) == set(TABLES)
    for name, table in written.items():
        declared = {spelling for column in TABLES[name].columns for spelling in column.spellings}
        assert set(table) - declared == EXTRA.get(name, set())


def test_what_ingest_sets_apart_is_exactly_what_was_planted(study):
    report = check(load_study(study.folder), lambda text: None)
    assert report.quarantined == sum(study.planted(name, "quarantined") for name in study.rows) > 0
    for file in report.files:
        assert (file.read, file.quarantined, file.duplicates) == (
            study.rows[file.table],
            study.planted(file.table, "quarantined"),
            study.planted(file.table, "duplicate"),
        )
    assert {dropped.column for dropped in report.dropped} == set().union(*EXTRA.values())


def test_dates_are_iso_dates_where_the_regime_allows_them(written):
    days = [(name, column) for name, table in written.items() for column in table if column.endswith("_date")]
    assert len(days) >= 10
    for name, column in days:
        assert written[name][column].dropna().str.fullmatch(r"20\d\d-\d\d-\d\d").all()
        assert written[name][column].dropna().max() < "2026-11-01"


def test_under_relative_days_no_date_but_the_year_leaves_the_site(tmp_path):
    synthesize(tmp_path / "private", patients=300, regime="relative-days")
    for path in (tmp_path / "private" / "raw").glob("*.csv"):
        text = path.read_text()
        assert not re.search(r"20\d\d-\d\d|20\d\dQ", text), path.name
        assert "_date" not in text.splitlines()[0]
    episodes = pd.read_csv(tmp_path / "private" / "raw" / "episodes.csv")
    patients = pd.read_csv(tmp_path / "private" / "raw" / "patients.csv")
    assert set(episodes["admit_year"].dropna()) <= {2023, 2024, 2025, 2026}
    assert patients[["observed_from_day", "observed_to_day"]].notna().all().all()
    assert patients["observed_to_day"].nunique() > 200  # every person has an origin of their own


def test_the_first_and_the_last_scheduled_visit_of_an_ended_stay_are_attended(tables, contacts):
    episodes = tables["episodes"].dropna(subset=["end_day"])
    span = contacts.dropna(subset=["episode_id"]).groupby("episode_id", observed=True)["day"].agg(["min", "max"])
    joined = episodes.set_index("episode_id")[["start_day", "end_day"]].astype(int).join(span)
    assert (joined["min"] == joined["start_day"]).all()
    assert (joined["max"] == joined["end_day"]).mean() > 0.98  # 1% are recorded as ending when the chart was closed
    assert (joined["max"] <= joined["end_day"]).all()


def test_a_24_hour_stay_is_one_bed_day_after_another(tables):
    beds = tables["sessions"].query("status == 'bed_day'").sort_values(["episode_id", "service_day"])
    gap = (
        beds["service_day"].astype(int).diff()[beds["episode_id"].astype(str) == beds["episode_id"].astype(str).shift()]
    )
    assert (gap == 1).all()


def test_nobody_in_a_stay_is_silent_for_a_month(contacts):
    inside = contacts.dropna(subset=["episode_id"]).sort_values(["episode_id", "day"])
    gap = inside["day"].diff()[inside["episode_id"].astype(str) == inside["episode_id"].astype(str).shift()]
    assert gap.max() <= 21


def test_iop_is_scheduled_for_nine_to_nineteen_hours_a_week(tables):
    iop = tables["episodes"].query("level_of_care == 'IOP'")
    assert iop["planned_hours_per_week"].between(9, 19).all()
    full = (
        tables["sessions"]
        .query("level_of_care == 'IOP' and service_type == 'group'")
        .dropna(subset=["minutes_scheduled"])
    )
    week = full["service_day"].astype(int) // 7
    hours = full.groupby(["person", week], observed=True)["minutes_scheduled"].sum() / 60
    assert hours.max() < 20


@pytest.mark.parametrize(("level", "attendance"), [("OP", 0.80), ("IOP", 0.78), ("PHP", 0.85)])
def test_attendance_is_near_what_programs_report(tables, level, attendance):
    sessions = tables["sessions"].query("level_of_care == @level and status != 'provider_cancel'")
    assert (sessions["status"] == "attended").mean() == pytest.approx(attendance, abs=0.06)


def slow_retention(days):
    """Contact after contact, as a case manager would count."""
    last = days[0]
    for day in days[1:]:
        if day - last > 30:
            break
        last = day
    return last - days[0]


def test_retention_counted_from_the_raw_contacts_is_the_retention_the_truth_is_made_from(drawn, contacts, coverage):
    stayed = retention(drawn.courses())
    seen = coverage.new_user & (coverage.to >= coverage.start + stayed.days)
    by_person = contacts.groupby("person")["day"].apply(lambda days: slow_retention(days.to_list()))
    people = np.flatnonzero(seen)
    assert len(people) > 2500
    assert (by_person.loc[people].to_numpy() == stayed.days[people]).all()


def test_the_recorded_day_90_score_is_the_potential_outcome_of_the_level_that_was_chosen(drawn, tables, coverage):
    scores = tables["assessments"].query("instrument_id == 'PHQ9' and occasion == 'followup'")
    since = scores["assessed_day"].astype(int).to_numpy() - coverage.start[scores["person"]]
    at_90 = scores[since <= 120]
    person = at_90["person"].to_numpy()
    assert (at_90["score"].astype(int).to_numpy() == drawn.scores.phq9[person, drawn.level[person]]).all()
    assert ((since[since <= 120] >= 84) & (since[since <= 120] <= 97)).all()


def test_of_the_scores_in_the_day_90_window_the_follow_up_is_nearest_and_nobody_has_others_without_it(tables, coverage):
    scores = tables["assessments"].query("instrument_id == 'PHQ9'")
    since = scores["assessed_day"].astype(int) - coverage.start[scores["person"]]
    seen = (coverage.to - coverage.start >= 97)[scores["person"]]
    inside = scores.assign(away=(since - 90).abs())[since.between(60, 120) & seen]
    nearest = inside.sort_values("away", kind="stable").drop_duplicates("person")
    assert (nearest["occasion"] == "followup").all()
    assert inside.duplicated("person").any()


def test_two_thirds_are_measured_at_day_90_and_more_than_nine_in_ten_on_day_zero(drawn, tables):
    scores = tables["assessments"].query("instrument_id == 'PHQ9'")
    for level in range(5):
        people = np.flatnonzero(drawn.level == level)
        followed = np.isin(people, scores.query("occasion == 'followup'")["person"]).mean()
        started = np.isin(people, scores.query("occasion == 'intake'")["person"]).mean()
        assert 0.55 < followed < 0.75
        assert 0.90 < started < 0.98


def test_some_people_were_in_care_just_before_and_some_cannot_be_seen_long_enough_to_tell(tables, coverage, contacts):
    first = contacts.groupby("person")["day"].first().to_numpy()
    assert (first < coverage.start).sum() == coverage.earlier_care.sum() > 20
    assert ((coverage.start - first)[coverage.earlier_care] < 60).all()
    assert (coverage.start - coverage.from_ < 60).sum() > 100
    assert 0.88 < coverage.new_user.mean() < 0.97


def test_some_stays_are_still_open_at_the_data_cut_and_have_no_end(tables):
    still_open = tables["episodes"]["end_day"].isna()
    assert 10 < still_open.sum() < 300
    assert not tables["discharges"]["episode_id"].isin(tables["episodes"].loc[still_open, "episode_id"]).any()


def test_nothing_is_recorded_outside_a_persons_observation(tables, coverage):
    for name, column in (
        ("sessions", "service_day"),
        ("assessments", "assessed_day"),
        ("episodes", "start_day"),
        ("discharges", "discharge_day"),
        ("costs", "service_day"),
        ("followups", "contact_day"),
    ):
        table = tables[name]
        day = table[column].astype(int).to_numpy()
        assert (day <= coverage.to[table["person"]]).all(), name
        assert (day >= coverage.from_[table["person"]]).all(), name


def test_some_days_hold_services_at_two_levels_but_never_day_zero(contacts, coverage):
    levels = contacts.dropna(subset=["level_of_care"]).groupby(["person", "day"])["level_of_care"].nunique()
    both = levels[levels > 1].reset_index()
    assert len(both) > 20
    assert (both["day"].to_numpy() > coverage.start[both["person"]]).all()


def test_coming_back_to_the_hospital_is_no_destination_of_the_discharge_before(tables):
    joined = tables["discharges"].merge(
        tables["episodes"][["episode_id", "level_of_care", "end_day", "patient_id"]], on="episode_id"
    )
    inpatient = joined[joined["level_of_care"].isin(["IP", "RES"])]
    assert (inpatient["destination_level"].isin(["IP", "RES"]) & (inpatient["planned_ending"] != "true")).sum() == 0
    assert inpatient["destination_level"].isin(["IP", "RES"]).mean() < 0.06
    assert inpatient["destination_level"].isin(["IOP", "PHP", "OP"]).mean() > 0.15


def test_negative_controls_do_not_depend_on_the_level_of_care(drawn, tables):
    claims = tables["followups"].query("source == 'claims'")
    assert set(claims["control_outcome"]) == set(CONTROLS)
    assert len(CONTROLS) >= 12
    iop = drawn.level[claims["person"]] == 1
    young = (drawn.people.age[claims["person"]] < 60) & (drawn.people.housing[claims["person"]] == 0)
    for name in CONTROLS:
        which = (claims["control_outcome"] == name).to_numpy() & young
        value = claims["value"].astype(float).to_numpy()
        spread = np.sqrt(value[which].var() * (1 / (which & iop).sum() + 1 / (which & ~iop).sum()))
        assert abs(value[which & iop].mean() - value[which & ~iop].mean()) < 4.5 * spread, name


def test_costs_are_units_times_price_and_say_their_year(tables):
    costs = tables["costs"]
    assert costs["amount"].to_numpy() == pytest.approx((costs["units"] * costs["unit_price"]).to_numpy(), abs=0.01)
    assert set(costs["price_year"]) == {2025}
    assert set(costs["amount_kind"]) == {"paid"}


def test_a_demo_of_twelve_thousand_people_is_neither_thin_nor_slow(tables):
    per_person = len(tables["sessions"]) / PEOPLE
    assert 250_000 < 12_000 * per_person < 400_000
