-- measure_members: everybody, and every stay, that a measure is about: in the denominator or not and why, and what came true
-- grain: one row per measure, instrument_id, at_day and unit_id
-- weakness: where days have no calendar, a period is the one that was recorded
-- view: measure_cells alone reads it
--
-- chances and events are 1 and 0 or 1, except for visits, of which a person has many.  A measure belongs to the period in which the
-- episode started, or the stay or course ended; from period_too_late on, where there is a calendar, not everybody could be seen to the end.
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
)
SELECT units.measure, units.version, units.instrument_id, units.at_day, units.unit_id, asked.unit, episode.patient_id, episode.arm,
       episode.site, episode.program_id, episode.payer, episode.race_ethnicity,
       CASE asked.unit WHEN 'person' THEN episode.period ELSE episode.end_period END AS period,
       CASE asked.unit WHEN 'person' THEN episode.month ELSE episode.end_month END AS month,
       units.observable, units.excluded, units.observable AND units.excluded IS NULL AS in_denominator, units.events, units.chances,
       asked.period_too_late, asked.month_too_late
FROM units
JOIN asked ON asked.measure = units.measure AND asked.instrument_id = units.instrument_id AND asked.at_day = units.at_day
JOIN episode ON episode.episode_id = units.unit_id
