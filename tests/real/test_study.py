"""data/ctn0094 read by the pipeline itself: every row accounted for, nothing invented, levels mapped as its README
says."""

import pytest

from pipeline import store
from tests.real.trials import needs_records

pytestmark = needs_records


@pytest.fixture(scope="module")
def warehouse(ctn0094):
    with store.reading(ctn0094, store.WAREHOUSE) as con:
        yield con


def count(con, query):
    [(number,)] = con.execute(query).fetchall()
    return number


def test_every_row_read_is_kept_or_kept_apart_and_none_is_lost(warehouse):
    counted = warehouse.execute("""SELECT "table", SUM(read), SUM(kept + quarantined + duplicates + forgotten)
                                   FROM staging.files GROUP BY "table" """).fetchall()
    read = {table: int(rows) for table, rows, _ in counted}
    assert read == {table: int(accounted) for table, _, accounted in counted}
    # patients: everybody who consented; episodes: 658 stays and 2,504 people with a visit; sessions: 53,899 visits less
    # 3,619 of screening, and 5,406 bed days (653 stays with both days, 4 with an admission only); discharges: 157
    # reasons and 653 stays; assessments: person-days in uds.  All counted over the published files.
    assert read == {
        "patients": 3_560,
        "programs": 10,
        "episodes": 3_162,
        "sessions": 53_899 - 3_619 + 5_406,
        "discharges": 810,
        "assessments": 25_468,
    }


def test_visits_without_a_day_are_kept_apart_and_not_given_one(warehouse):
    # 10,818 visits without a day (project's README); one stay has no day at all.
    assert count(warehouse, "SELECT COUNT(*) FROM quarantine.sessions WHERE service_day IS NULL") == 10_818
    assert count(warehouse, "SELECT COUNT(*) FROM quarantine.episodes WHERE start_day IS NULL") == 1


def test_visits_that_do_not_say_whether_anybody_came_are_kept_apart(warehouse):
    # Project 30: 75 MISSING, 25 final, 219 unscheduled and 3 other visits have a day and no word on attendance.
    assert (
        count(warehouse, "SELECT COUNT(*) FROM quarantine.sessions WHERE service_day IS NOT NULL") == 75 + 25 + 219 + 3
    )


def test_nobody_is_given_an_age_or_a_year(warehouse):
    # 208 people have no age (demographics); there are no dates of any kind.
    assert count(warehouse, "SELECT COUNT(*) FROM staging.patients WHERE age_at_index IS NULL") == 208
    assert count(warehouse, "SELECT COUNT(birth_year) FROM staging.patients") == 0
    assert warehouse.execute("SELECT calendar FROM staging.facts").fetchall() == [(False,)]
    assert count(warehouse, "SELECT COUNT(period) FROM analysis_set") == 0


def test_sex_race_and_ethnicity_arrive_as_they_were_told(warehouse):
    # Counted over demographics: 4 people have no sex; anyone who said Hispanic is HISP whatever the race, 35 told
    # neither.
    sexes = warehouse.execute("SELECT sex, COUNT(*) FROM staging.patients GROUP BY sex").fetchall()
    assert dict(sexes) == {"M": 2_351, "F": 1_205, None: 4}
    told = warehouse.execute("SELECT race_ethnicity, COUNT(*) FROM staging.patients GROUP BY race_ethnicity").fetchall()
    assert dict(told) == {"WHITE": 2_484, "HISP": 507, "BLACK": 348, "OTHER": 186, "UNK": 35}


def test_the_trials_took_in_different_people(warehouse):
    # Baseline differences of those randomized, counted over demographics and randomization: years of age and share of
    # men.
    found = warehouse.execute(
        """SELECT site, ROUND(AVG(age), 1), ROUND(AVG(CASE sex WHEN 'M' THEN 1.0 WHEN 'F' THEN 0.0 END), 2)
                                 FROM analysis_set WHERE observed_to_day > 60 GROUP BY site
                                 ORDER BY site"""
    ).fetchall()
    assert found == [("T27", 36.9, 0.68), ("T30", 32.7, 0.60), ("T51", 33.9, 0.70)]


def test_nothing_stands_for_confounders_that_nobody_recorded(warehouse):
    assert warehouse.execute(
        """SELECT COUNT(suicide_risk), COUNT(function_score), COUNT(prior_24h_care), COUNT(payer), COUNT(housing)
                                FROM analysis_set"""
    ).fetchall() == [(0, 0, 0, 0, 0)]


def test_people_of_the_inpatient_trial_start_as_inpatients_and_all_others_as_outpatients(warehouse):
    # 658 stays less the one without a day; 1,922 randomized in the two outpatient trials.
    starts = warehouse.execute(
        "SELECT site, arm, level_of_care, COUNT(*) FROM analysis_set GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert starts == [
        ("T27", "outpatient", "OP", 1_269),
        ("T30", "outpatient", "OP", 653),
        ("T51", "inpatient", "IP", 657),
    ]


def test_people_whose_level_nobody_can_tell_are_in_no_arm_and_are_counted(warehouse):
    # 36 came to a first visit and were never randomized (32 in project 27, 4 in project 30); one stay of project 51 has
    # no day.
    left_out = "SELECT n_removed FROM attrition_flow WHERE sentence LIKE '%a level that nobody could tell'"
    assert warehouse.execute(left_out).fetchall() == [(36 + 1,)]
    assert count(warehouse, "SELECT COUNT(DISTINCT patient_id) FROM sessions WHERE level_of_care = 'UNKNOWN'") == 36 + 1


def test_detoxification_days_are_inpatient_care_and_never_withdrawal_management(warehouse):
    levels = warehouse.execute(
        "SELECT DISTINCT level_of_care FROM staging.sessions WHERE status = 'bed_day'"
    ).fetchall()
    assert levels == [("IP",)]


def test_the_first_inpatient_day_is_the_day_of_admission(warehouse, published):
    admitted = dict(
        published.execute("""SELECT who, CAST("when" AS DOUBLE) FROM detox
                                         WHERE what = 'admission' AND "when" IS NOT NULL""").fetchall()
    )
    started = dict(
        warehouse.execute("SELECT patient_id, start_day FROM analysis_set WHERE arm = 'inpatient'").fetchall()
    )
    assert started == admitted


def test_derived_stays_last_as_long_as_admission_and_discharge_say(warehouse):
    # Median 6, quartiles 4 and 8, longest 40 over the 653 complete stays; the other four keep the one day that was
    # recorded.
    [(stays, quartiles, longest)] = warehouse.execute("""
        SELECT COUNT(*), quantile_cont(last_day - start_day, [0.25, 0.5, 0.75]), MAX(last_day - start_day) FROM episodes
        WHERE level_of_care = 'IP' AND recorded_last_day IS NOT NULL""").fetchall()
    assert (stays, quartiles, longest) == (653, [4, 6, 8], 40)


def test_day_90_is_asked_only_of_trials_that_followed_everybody_that_long(warehouse):
    # Projects 27 and 51 planned 24 weeks; project 30's first phase 12, and its second held only those for whom the
    # first failed.
    asked = dict(
        warehouse.execute(
            """SELECT site, COUNT(*) FILTER (WHERE observable) FROM retention_at JOIN analysis_set USING (episode_id)
                                      WHERE at_day = 90 GROUP BY site"""
        ).fetchall()
    )
    assert asked == {"T27": 1_269, "T30": 0, "T51": 570 - 1}  # all randomized, but for the one whose stay has no day


def test_repeated_person_days_are_counted_and_cost_nobody_a_visit(warehouse):
    # Of the 1,360 repeats, those between two visits that say whether anybody came.
    [(rows, days)] = warehouse.execute(
        """SELECT COUNT(*), COUNT(DISTINCT (patient_id, service_day)) FROM staging.sessions
                                          WHERE status <> 'bed_day'"""
    ).fetchall()
    assert rows == 53_899 - 3_619 - 10_818 - 322
    assert 0 < rows - days < 1_360


def test_urine_screens_are_what_the_file_says_and_a_clean_one_is_not_made_up(warehouse):
    # uds holds 13,548 opioid findings on 25,468 person-days on which anything was found.
    assert warehouse.execute("""SELECT COUNT(*), CAST(SUM(score) AS INTEGER) FROM staging.assessments
                                WHERE instrument_id = 'UDS_OPIOID'""").fetchall() == [(25_468, 13_548)]
