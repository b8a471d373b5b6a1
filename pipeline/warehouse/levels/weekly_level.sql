-- weekly_level: the level of care that the scheduled hours of each week stand for
-- grain: one row per patient_id, program_id, first_day and week
-- weakness: a week of intake counts at the level of its own hours, whatever follows
--
-- A change counts only where it lasts two weeks in a row; a last week that is not over takes the level before it,
-- unless it is the only one.
WITH aged AS (
    SELECT hours.*,
           COALESCE(patient.age_at_index,
                    CASE WHEN protocol.calendar
                         THEN CAST(SUBSTRING(period_of_day(hours.first_day), 1, 4) AS INTEGER) - patient.birth_year END) AS age
    FROM weekly_hours AS hours
    LEFT JOIN staging.patients AS patient ON patient.patient_id = hours.patient_id
    CROSS JOIN protocol
),
raw AS (
    SELECT aged.patient_id, aged.program_id, aged.first_day, aged.week, aged.from_day, aged.to_day, aged.scheduled_hours,
           aged.complete,
           CASE WHEN aged.scheduled_hours >= protocol.php_hours THEN 'PHP'
                WHEN aged.scheduled_hours >= protocol.iop_hours THEN 'IOP'
                WHEN aged.age < 18 AND aged.scheduled_hours >= protocol.adolescent_iop_hours THEN 'IOP'
                WHEN aged.scheduled_hours > 0 THEN 'OP' END AS hours_level
    FROM aged
    CROSS JOIN protocol
),
counted AS (
    SELECT raw.*,
           ROW_NUMBER() OVER (PARTITION BY patient_id, program_id, first_day ORDER BY week NULLS LAST) AS place
    FROM raw
    WHERE hours_level IS NOT NULL AND (complete OR week = 0)
),
compared AS (
    SELECT counted.*,
           LEAD(hours_level) OVER (PARTITION BY patient_id, program_id, first_day ORDER BY week NULLS LAST) AS next_level
    FROM counted
),
marked AS (
    SELECT raw.patient_id, raw.program_id, raw.first_day, raw.week, raw.from_day, raw.to_day, raw.hours_level,
           CASE WHEN compared.place = 1 OR compared.hours_level = compared.next_level THEN compared.hours_level END AS settled
    FROM raw
    LEFT JOIN compared ON compared.patient_id = raw.patient_id AND compared.program_id = raw.program_id
                      AND compared.first_day = raw.first_day AND compared.week = raw.week
),
grouped AS (
    SELECT marked.*,
           COUNT(settled) OVER (PARTITION BY patient_id, program_id, first_day ORDER BY week NULLS LAST
                                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS settled_before
    FROM marked
)
SELECT patient_id, program_id, first_day, week, from_day, to_day, hours_level,
       COALESCE(MAX(settled) OVER (PARTITION BY patient_id, program_id, first_day, settled_before
                                   ORDER BY week NULLS LAST ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING),
                hours_level) AS level_of_care
FROM grouped
