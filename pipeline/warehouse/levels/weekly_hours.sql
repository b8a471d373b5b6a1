-- weekly_hours: scheduled hours in each week of a person at a program, where the hours have to say the level
-- grain: one row per patient_id, program_id, first_day and week
-- weakness: a program that does not export cancelled services looks less intense than it is
--
-- Scheduled, not attended: if attendance decided, a missed week would turn intensive care into outpatient care.
-- Weeks are 7 days counted from the first service; a silence longer than any ambulatory stay allows starts the count anew.
WITH concerned AS (
    SELECT DISTINCT patient_id, program_id FROM coded_level WHERE level_of_care IS NULL
),
scheduled AS (
    SELECT session.patient_id, session.program_id, session.service_day,
           SUM(COALESCE(session.minutes_scheduled,
                        CASE per_diem.code_level WHEN 'IOP' THEN 60 * protocol.iop_day_hours
                                                 WHEN 'PHP' THEN 60 * protocol.php_day_hours END,
                        CAST(0 AS DOUBLE))) AS minutes
    FROM staging.sessions AS session
    JOIN concerned ON concerned.patient_id = session.patient_id AND concerned.program_id = session.program_id
    LEFT JOIN per_diem_days AS per_diem ON per_diem.session_id = session.session_id
    CROSS JOIN protocol
    GROUP BY session.patient_id, session.program_id, session.service_day
),
spaced AS (
    SELECT scheduled.*,
           LAG(service_day) OVER (PARTITION BY patient_id, program_id ORDER BY service_day NULLS LAST) AS previous_day
    FROM scheduled
),
stretched AS (
    SELECT spaced.*,
           SUM(CASE WHEN days_between(previous_day, service_day) > protocol.stretch_gap_days THEN 1 ELSE 0 END)
               OVER (PARTITION BY patient_id, program_id ORDER BY service_day NULLS LAST
                     ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS stretch
    FROM spaced
    CROSS JOIN protocol
),
bounds AS (
    SELECT patient_id, program_id, stretch, MIN(service_day) AS first_day, MAX(service_day) AS last_day
    FROM stretched
    GROUP BY patient_id, program_id, stretch
),
weeks AS (
    SELECT stretched.patient_id, stretched.program_id, bounds.first_day, bounds.last_day,
           CAST(FLOOR(days_between(bounds.first_day, stretched.service_day) / CAST(7 AS DOUBLE)) AS INTEGER) AS week,
           stretched.service_day, stretched.minutes
    FROM stretched
    JOIN bounds ON bounds.patient_id = stretched.patient_id AND bounds.program_id = stretched.program_id
               AND bounds.stretch = stretched.stretch
)
SELECT patient_id, program_id, first_day, week,
       MIN(service_day) AS from_day,
       MAX(service_day) AS to_day,
       SUM(minutes) / CAST(60 AS DOUBLE) AS scheduled_hours,
       MAX(CASE WHEN days_between(first_day, last_day) >= 7 * week + 6 THEN 1 ELSE 0 END) = 1 AS complete
FROM weeks
GROUP BY patient_id, program_id, first_day, week
