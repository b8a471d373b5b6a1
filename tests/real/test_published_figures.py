"""What the trials' own papers and the data's authors printed, recomputed by plain SQL over the published files."""

import pytest

from tests.real.trials import needs_records

pytestmark = needs_records

RANDOMIZED = """SELECT treatment, COUNT(*) FROM randomization WHERE "which" = '1' GROUP BY treatment"""
LAST_DOSE = """
SELECT drawn.treatment, COUNT(*) AS people,
       COUNT(*) FILTER (WHERE dose.last_day - CAST(drawn."when" AS DOUBLE) >= $days) AS kept
FROM randomization AS drawn
LEFT JOIN (SELECT who, MAX(CAST("when" AS DOUBLE)) AS last_day FROM treatment WHERE CAST(amount AS DOUBLE) > 0 GROUP BY who) AS dose
       ON dose.who = drawn.who
WHERE drawn."which" = '1' AND drawn.treatment IN ('Methadone', 'Outpatient BUP')
GROUP BY drawn.treatment
"""
STAY = """
SELECT who, MAX(CAST("when" AS DOUBLE)) FILTER (WHERE what = 'discharge')
          - MAX(CAST("when" AS DOUBLE)) FILTER (WHERE what = 'admission') AS days
FROM detox GROUP BY who
"""


def completion(con, days):
    """Percent of each treatment whose last positive dose lies that many days or more after randomization."""
    return {
        treatment: round(100 * kept / people, 1)
        for treatment, people, kept in con.execute(LAST_DOSE, {"days": days}).fetchall()
    }


def test_as_many_people_were_randomized_as_the_trials_report(published):
    # CTN-0051: Lee et al., Lancet 2018 (283 naltrexone, 287 buprenorphine); CTN-0027: Saxon et al., Drug Alcohol Depend
    # 2013 (529 methadone, 740 buprenorphine); CTN-0030: Weiss et al., Arch Gen Psychiatry 2011 (653 in all: 329 and
    # 324).
    assert dict(published.execute(RANDOMIZED).fetchall()) == {
        "Inpatient NR-NTX": 283,
        "Inpatient BUP": 287,
        "Methadone": 529,
        "Outpatient BUP": 740,
        "Outpatient BUP + EMM": 329,
        "Outpatient BUP + SMM": 324,
    }


def test_the_second_phase_of_project_30_drew_360_people_again(published):
    # Weiss et al., Arch Gen Psychiatry 2011: 360 entered phase 2, 180 in each arm.  The other trials repeat their first
    # draw.
    again = """SELECT second.treatment, COUNT(*) FROM randomization AS second JOIN everybody USING (who)
               WHERE second."which" = '2' AND project = '30' GROUP BY second.treatment"""
    assert dict(published.execute(again).fetchall()) == {"Outpatient BUP + EMM": 180, "Outpatient BUP + SMM": 180}


def test_three_of_four_began_naltrexone_and_nearly_all_began_buprenorphine(published):
    # Lee et al., Lancet 2018: 204 of 283 and 270 of 287 were inducted.  A first dose, and the authors' own derived
    # delay, say the same.
    dosed = """SELECT treatment, COUNT(*) FROM randomization AS drawn JOIN everybody USING (who)
               WHERE "which" = '1' AND project = '51'
                 AND EXISTS (SELECT 1 FROM treatment AS dose WHERE dose.who = drawn.who AND CAST(dose.amount AS DOUBLE) > 0)
               GROUP BY treatment"""
    derived = """SELECT treatment, COUNT(inductDelay) FROM derived_inductDelay WHERE treatment LIKE 'Inpatient%' GROUP BY treatment"""
    inducted = {"Inpatient NR-NTX": 204, "Inpatient BUP": 270}
    assert dict(published.execute(dosed).fetchall()) == inducted
    assert dict(published.execute(derived).fetchall()) == inducted


def test_completion_counts_to_day_154_because_week_24_is_the_last_week_and_not_the_last_day(published):
    # Hser et al., Addiction 2014: 74 % of the methadone and 46 % of the buprenorphine group completed 24 weeks.
    assert completion(published, 154) == {"Methadone": 74.5, "Outpatient BUP": 46.4}


def test_counting_to_day_168_instead_would_call_a_fifth_of_them_dropouts(published):
    # The naive rule, 24 × 7 days; far from what was published, and wrong: last doses were given within week 24, not
    # after it.
    assert completion(published, 168) == {"Methadone": 52.9, "Outpatient BUP": 31.8}


def test_the_inpatient_stay_lasted_six_days_in_the_middle_and_forty_at_most(published):
    # Counted here from admission and discharge; both days are known for 653 of 658 recorded stays.
    summary = f"""SELECT COUNT(*), COUNT(days), quantile_cont(days, [0.25, 0.5, 0.75]), MAX(days) FROM ({STAY})"""
    [(stays, complete, quartiles, longest)] = published.execute(summary).fetchall()
    assert (stays, complete, longest) == (658, 653, 40)
    assert quartiles == [4, 6, 8]


def test_the_visits_are_as_untidy_as_their_authors_warn(published):
    # Package documentation of `visit`: "more than 1300+ dates duplicated"; missed visits "missing the appointment
    # dates".
    [(rows, dayless, repeated, both)] = published.execute("""
        SELECT COUNT(*), COUNT(*) FILTER (WHERE "when" IS NULL),
               COUNT("when") - COUNT(DISTINCT CASE WHEN "when" IS NOT NULL THEN who || '/' || "when" END),
               (SELECT COUNT(*) FROM (SELECT who, "when" FROM visit WHERE "when" IS NOT NULL GROUP BY who, "when"
                                      HAVING bool_or(what = 'visit') AND bool_or(what = 'no visit')))
        FROM visit""").fetchall()
    assert (rows, dayless, repeated) == (53_899, 10_818, 1_360)
    assert both > 0  # "visit" and "no visit" on one day


@pytest.mark.parametrize(
    ("project", "kept", "missed", "unknown"),
    [("27", 21_889, 2_854, 366), ("30", 9_478, 83, 75), ("51", 7_690, 2_512, 5_086)],
)
def test_each_trial_wrote_down_missed_visits_in_its_own_way(published, project, kept, missed, unknown):
    # Counted here from `what` without screening; README of the study.  Kept of kept and missed: 88 %, 99 % and 75 %;
    # with the unknown as missed: 87 %, 98 % and 50 %.
    counted = published.execute(
        """
        SELECT COUNT(*) FILTER (WHERE what = 'visit'), COUNT(*) FILTER (WHERE what = 'no visit'), COUNT(*) FILTER (WHERE what = 'MISSING')
        FROM visit JOIN everybody USING (who)
        WHERE project = ? AND visit NOT IN ('BASELINE', 'Cross Active Study')""",
        [project],
    ).fetchall()
    assert counted == [(kept, missed, unknown)]


def test_missed_visits_have_no_day_in_two_of_the_three_trials(published):
    # Authors' harmonization notes say so of project 27; counted here it is true of project 51 as well.
    days = published.execute("""SELECT project, COUNT("when"), COUNT(*) FROM visit JOIN everybody USING (who)
                                WHERE what = 'no visit' GROUP BY project ORDER BY project""").fetchall()
    assert days == [("27", 0, 2_854), ("30", 83, 83), ("51", 0, 2_512)]
