-- discharge_readings: suicide risk, functioning and scores as last measured by the day on which a person left 24-hour care
-- grain: one row per stay_id and role
-- weakness: short stays are often measured only when they begin
--
-- Nothing older than 90 days before leaving.  The role of a score is the name of its outcome.
WITH candidates AS (
    SELECT home.stay_id, reading.role, reading.source, reading.assessed_day, reading.value
    FROM discharges_home AS home
    JOIN instrument_readings AS reading
      ON reading.patient_id = home.patient_id AND days_between(reading.assessed_day, home.discharge_day) BETWEEN 0 AND 90
    JOIN confounder_source AS used ON used.role = reading.role AND used.priority = reading.priority
    UNION ALL
    SELECT home.stay_id, outcome.outcome AS role, outcome.instrument_id AS source, score.assessed_day, score.score AS value
    FROM discharges_home AS home
    CROSS JOIN outcome_definition AS outcome
    JOIN staging.assessments AS score
      ON score.patient_id = home.patient_id AND score.instrument_id = outcome.instrument_id AND score.subscale = ''
     AND days_between(score.assessed_day, home.discharge_day) BETWEEN 0 AND 90
),
ordered AS (
    SELECT candidates.*, ROW_NUMBER() OVER (PARTITION BY stay_id, role ORDER BY assessed_day DESC NULLS LAST) AS place
    FROM candidates
)
SELECT stay_id, role, source, value
FROM ordered
WHERE place = 1
