-- screen_weeks: for each week a person was seen, whether a yes-or-no screen found something
-- grain: one row per episode_id, instrument_id and week
-- weakness: a week without a recorded screen counts as not found, so a share is at least what it says
--
-- Weeks are 7 days from day 0, up to half a year.  Only weeks with an attended session or bed day; only instruments whose total is 0 or 1.
WITH screens AS (
    SELECT instrument_id FROM instrument WHERE total_min = 0 AND total_max = 1
),
used AS (
    SELECT DISTINCT assessment.instrument_id
    FROM staging.assessments AS assessment
    JOIN screens ON screens.instrument_id = assessment.instrument_id
),
seen AS (
    SELECT DISTINCT started.episode_id, started.patient_id,
           CAST(FLOOR(days_between(started.start_day, session.service_day) / CAST(7 AS DOUBLE)) AS INTEGER) AS week
    FROM analysis_set AS started
    JOIN sessions AS session ON session.patient_id = started.patient_id
    WHERE session.attended AND session.service_day >= started.start_day AND days_between(started.start_day, session.service_day) < 182
),
results AS (
    SELECT started.episode_id, assessment.instrument_id,
           CAST(FLOOR(days_between(started.start_day, assessment.assessed_day) / CAST(7 AS DOUBLE)) AS INTEGER) AS week,
           MAX(assessment.score) AS score
    FROM analysis_set AS started
    JOIN staging.assessments AS assessment ON assessment.patient_id = started.patient_id
    JOIN screens ON screens.instrument_id = assessment.instrument_id
    WHERE assessment.assessed_day >= started.start_day
    GROUP BY started.episode_id, assessment.instrument_id,
             CAST(FLOOR(days_between(started.start_day, assessment.assessed_day) / CAST(7 AS DOUBLE)) AS INTEGER)
)
SELECT seen.episode_id, used.instrument_id, seen.week,
       results.score IS NOT NULL AS screened,
       COALESCE(results.score, CAST(0 AS DOUBLE)) > 0 AS found
FROM seen
CROSS JOIN used
LEFT JOIN results ON results.episode_id = seen.episode_id AND results.instrument_id = used.instrument_id AND results.week = seen.week
