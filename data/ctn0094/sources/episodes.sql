-- episodes: each recorded detoxification stay (IP), and each person's outpatient treatment from its first to its last visit kept.
-- One stay in project 51 has no day at all: where that person started cannot be said, so the level of the visits stays open;
-- so it does for 36 people who came to a first visit and were never randomized, for whom no treatment is on record.
-- Opioid dependence was a condition of entry; the diagnosis itself stands only where it was written down.
WITH place AS (
    SELECT who, 'T' || project AS site FROM everybody
),
given AS (
    SELECT who, treatment, REPLACE(REPLACE(treatment, ' + ', '-'), ' ', '-') AS arm FROM randomization WHERE "which" = '1'
),
stay AS (
    SELECT who, MAX(CAST("when" AS DOUBLE)) FILTER (WHERE what = 'admission') AS admission_day,
           MAX(CAST("when" AS DOUBLE)) FILTER (WHERE what = 'discharge') AS discharge_day
    FROM detox
    GROUP BY who
),
kept AS (
    SELECT who, MIN(CAST("when" AS DOUBLE)) AS first_day, MAX(CAST("when" AS DOUBLE)) AS last_day
    FROM visit
    WHERE visit NOT IN ('BASELINE', 'Cross Active Study') AND what = 'visit'
    GROUP BY who
),
planned AS (
    SELECT treatment, SUM(CAST(weeks AS DOUBLE)) AS weeks
    FROM meta_study_length
    WHERE phase = '1' AND description <> 'Post-medication follow-up'
    GROUP BY treatment
),
course AS (
    SELECT 'E' || stay.who || '-IP' AS episode_id, stay.who, 'detox' AS arm, 'IP' AS level_of_care,
           stay.admission_day AS start_day, stay.discharge_day AS end_day, CAST(NULL AS DOUBLE) AS planned_weeks
    FROM stay
    UNION ALL
    SELECT 'E' || kept.who || '-OP' AS episode_id, kept.who,
           COALESCE(given.arm, 'none') AS arm,
           CASE WHEN given.who IS NOT NULL AND (stay.who IS NULL OR stay.admission_day IS NOT NULL) THEN 'OP' END AS level_of_care,
           kept.first_day AS start_day, kept.last_day AS end_day, planned.weeks AS planned_weeks
    FROM kept
    LEFT JOIN given ON given.who = kept.who
    LEFT JOIN planned ON planned.treatment = given.treatment
    LEFT JOIN stay ON stay.who = kept.who
)
SELECT course.episode_id, course.who AS patient_id, place.site || '-' || course.arm AS program_id, course.level_of_care,
       CAST(course.start_day AS INTEGER) AS start_day, CAST(course.end_day AS INTEGER) AS end_day,
       CASE psychiatric.has_opiates_dx WHEN 'Yes' THEN 'F11' END AS primary_dx,
       CASE WHEN course.arm <> 'none' OR psychiatric.has_opiates_dx = 'Yes' THEN 'true' END AS sud_flag,
       CASE psychiatric.has_schizophrenia WHEN 'Yes' THEN 'true' WHEN 'No' THEN 'false' END AS psychosis_flag,
       'sud' AS track,
       course.planned_weeks
FROM course
JOIN place ON place.who = course.who
LEFT JOIN psychiatric ON psychiatric.who = course.who
ORDER BY course.episode_id
