-- sessions: one per planned visit after screening, and one bed day for each day from admission to discharge.
-- Screening (BASELINE) and the "Cross Active Study" mark are paperwork of the trial, not a service: 3,619 rows are left out.
-- "visit" is attended whatever reason stands beside it (project 30 wrote reasons next to visits on which urine screens found no less),
-- "no visit" is a no-show whatever the reason; MISSING, final and unscheduled visits do not say whether anybody came.
-- Rows that do not say so, and rows without a day, are left to the checks, which keep them apart and count them.
-- A stay with an admission and no discharge counts the one day that is recorded.
-- The level stays open for visits of people never randomized, and of the one person whose stay has no day at all.
WITH place AS (
    SELECT who, 'T' || project AS site FROM everybody
),
given AS (
    SELECT who, REPLACE(REPLACE(treatment, ' + ', '-'), ' ', '-') AS arm FROM randomization WHERE "which" = '1'
),
stay AS (
    SELECT who, CAST(MAX(CAST("when" AS DOUBLE)) FILTER (WHERE what = 'admission') AS INTEGER) AS admission_day,
           CAST(MAX(CAST("when" AS DOUBLE)) FILTER (WHERE what = 'discharge') AS INTEGER) AS discharge_day
    FROM detox
    GROUP BY who
),
planned AS (
    SELECT who, visit, what, CAST(CAST("when" AS DOUBLE) AS INTEGER) AS service_day,
           ROW_NUMBER() OVER (PARTITION BY who, visit ORDER BY what, CAST("when" AS DOUBLE)) AS repeat
    FROM visit
    WHERE visit NOT IN ('BASELINE', 'Cross Active Study')
)
SELECT 'V' || planned.who || '-' || planned.visit || '-' || planned.repeat AS session_id,
       planned.who AS patient_id, 'E' || planned.who || '-OP' AS episode_id,
       place.site || '-' || COALESCE(given.arm, 'none') AS program_id,
       CASE WHEN given.who IS NOT NULL AND (stay.who IS NULL OR stay.admission_day IS NOT NULL) THEN 'OP' END AS level_of_care,
       planned.service_day,
       CASE planned.what WHEN 'visit' THEN 'attended' WHEN 'no visit' THEN 'no_show' END AS status
FROM planned
JOIN place ON place.who = planned.who
LEFT JOIN given ON given.who = planned.who
LEFT JOIN stay ON stay.who = planned.who
UNION ALL
SELECT 'B' || stay.who || '-' || bed.number AS session_id, stay.who AS patient_id, 'E' || stay.who || '-IP' AS episode_id,
       place.site || '-detox' AS program_id, 'IP' AS level_of_care, stay.admission_day + bed.number AS service_day,
       'bed_day' AS status
FROM stay
JOIN place ON place.who = stay.who
JOIN (SELECT UNNEST(RANGE(400)) AS number) AS bed
  ON bed.number <= COALESCE(stay.discharge_day - stay.admission_day, 0)
WHERE stay.admission_day IS NOT NULL
ORDER BY session_id
