-- measure_members: everybody, and every stay, that a measure is about: in the denominator or not and why, and what came true
-- grain: one row per measure, instrument_id, at_day and unit_id
-- weakness: where days have no calendar, a period is the one that was recorded, and counts only where nobody in it ends too early
-- view: measure_cells alone reads it
--
-- chances and events are 1 and 0 or 1, except for visits, of which a person has many.  A measure belongs to the period in which the
-- episode started, or the stay or course ended, and a period is complete when the whole of it lies far enough back.
WITH units AS (
    SELECT measure, version, instrument_id, at_day, unit_id, observable, excluded, events, chances FROM measure_change
    UNION ALL
    SELECT measure, version, instrument_id, at_day, unit_id, observable, excluded, events, chances FROM measure_courses
    UNION ALL
    SELECT measure, version, instrument_id, at_day, unit_id, observable, excluded, events, chances FROM measure_retention
    UNION ALL
    SELECT measure, version, instrument_id, at_day, unit_id, observable, excluded, events, chances FROM measure_attendance
    UNION ALL
    SELECT measure, version, instrument_id, at_day, unit_id, observable, excluded, events, chances FROM measure_engagement
    UNION ALL
    SELECT measure, version, instrument_id, at_day, unit_id, observable, excluded, events, chances FROM measure_stays
),
edge AS (
    SELECT MAX(observed_to_day) AS last_day FROM person
),
asked AS (
    SELECT definition.measure, definition.instrument_id, definition.at_day, definition.unit,
           CASE WHEN protocol.calendar THEN period_of_day(edge.last_day - definition.observe_days + 1) END AS period_too_late,
           CASE WHEN protocol.calendar THEN month_of_day(edge.last_day - definition.observe_days + 1) END AS month_too_late
    FROM measure_definition AS definition
    CROSS JOIN protocol
    CROSS JOIN edge
),
episode AS (
    SELECT episode.episode_id, episode.patient_id, episode.arm, episode.site, episode.program_id, episode.payer, patient.race_ethnicity,
           episode.period, CASE WHEN protocol.calendar THEN period_of_day(episode.last_day) ELSE episode.period END AS end_period,
           CASE WHEN protocol.calendar THEN month_of_day(episode.start_day) END AS month,
           CASE WHEN protocol.calendar THEN month_of_day(episode.last_day) END AS end_month
    FROM episodes AS episode
    CROSS JOIN protocol
    LEFT JOIN staging.patients AS patient ON patient.patient_id = episode.patient_id
),
placed AS (
    SELECT units.*, asked.unit, episode.patient_id, episode.arm, episode.site, episode.program_id, episode.payer, episode.race_ethnicity,
           CASE asked.unit WHEN 'person' THEN episode.period ELSE episode.end_period END AS period,
           CASE asked.unit WHEN 'person' THEN episode.month ELSE episode.end_month END AS month,
           asked.period_too_late, asked.month_too_late
    FROM units
    JOIN asked ON asked.measure = units.measure AND asked.instrument_id = units.instrument_id AND asked.at_day = units.at_day
    JOIN episode ON episode.episode_id = units.unit_id
),
recorded AS (
    SELECT placed.measure, placed.instrument_id, placed.at_day, placed.period,
           MIN(CASE WHEN placed.observable THEN 1 ELSE 0 END) AS all_seen
    FROM placed
    CROSS JOIN protocol
    WHERE NOT protocol.calendar
    GROUP BY placed.measure, placed.instrument_id, placed.at_day, placed.period
)
SELECT placed.measure, placed.version, placed.instrument_id, placed.at_day, placed.unit_id, placed.unit, placed.patient_id, placed.arm,
       placed.site, placed.program_id, placed.payer, placed.race_ethnicity, placed.period, placed.month,
       placed.observable, placed.excluded, placed.observable AND placed.excluded IS NULL AS in_denominator, placed.events, placed.chances,
       CASE WHEN placed.period_too_late IS NOT NULL THEN placed.period < placed.period_too_late
            ELSE recorded.all_seen = 1 END AS period_complete,
       COALESCE(placed.month < placed.month_too_late, FALSE) AS month_complete
FROM placed
LEFT JOIN recorded ON recorded.measure = placed.measure AND recorded.instrument_id = placed.instrument_id
                  AND recorded.at_day = placed.at_day AND recorded.period = placed.period
