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
    SELECT definition.measure, definition.instrument_id, definition.at_day, definition.unit, definition.unit = 'person' AS by_start,
           CASE WHEN protocol.calendar THEN period_of_day(edge.last_day - definition.observe_days + 1) END AS period_too_late,
           CASE WHEN protocol.calendar THEN month_of_day(edge.last_day - definition.observe_days + 1) END AS month_too_late
    FROM measure_definition AS definition
    CROSS JOIN protocol
    CROSS JOIN edge
),
placed AS (
    SELECT episode.episode_id, episode.patient_id, episode.arm, episode.site, episode.program_id, episode.payer, patient.race_ethnicity,
           dated.by_start,
           CASE WHEN NOT protocol.calendar OR dated.by_start THEN episode.period ELSE period_of_day(episode.last_day) END AS period,
           CASE WHEN NOT protocol.calendar THEN NULL WHEN dated.by_start THEN month_of_day(episode.start_day)
                ELSE month_of_day(episode.last_day) END AS month
    FROM episodes AS episode
    CROSS JOIN (SELECT TRUE AS by_start UNION ALL SELECT FALSE AS by_start) AS dated
    CROSS JOIN protocol
    LEFT JOIN staging.patients AS patient ON patient.patient_id = episode.patient_id
),
recorded AS (
    SELECT units.measure, units.instrument_id, units.at_day, episode.period,
           MIN(CASE WHEN units.observable THEN 1 ELSE 0 END) AS all_seen
    FROM units
    JOIN episodes AS episode ON episode.episode_id = units.unit_id
    CROSS JOIN protocol
    WHERE NOT protocol.calendar
    GROUP BY units.measure, units.instrument_id, units.at_day, episode.period
)
SELECT units.measure, units.version, units.instrument_id, units.at_day, units.unit_id, asked.unit, placed.patient_id, placed.arm,
       placed.site, placed.program_id, placed.payer, placed.race_ethnicity, placed.period, placed.month,
       units.observable, units.excluded, units.observable AND units.excluded IS NULL AS in_denominator, units.events, units.chances,
       CASE WHEN asked.period_too_late IS NOT NULL THEN placed.period < asked.period_too_late
            ELSE recorded.all_seen = 1 END AS period_complete,
       COALESCE(placed.month < asked.month_too_late, FALSE) AS month_complete
FROM units
JOIN asked ON asked.measure = units.measure AND asked.instrument_id = units.instrument_id AND asked.at_day = units.at_day
JOIN placed ON placed.episode_id = units.unit_id AND placed.by_start = asked.by_start
LEFT JOIN recorded ON recorded.measure = units.measure AND recorded.instrument_id = units.instrument_id
                  AND recorded.at_day = units.at_day AND recorded.period = placed.period
