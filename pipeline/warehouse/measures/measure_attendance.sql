-- measure_attendance: for each attendance measure, the visits each person was expected at and kept, from day 0 to its day
-- grain: one row per measure, instrument_id, at_day and unit_id
-- weakness: a program that does not export missed sessions looks more punctual than it is
-- view: measure_members alone reads it
--
-- Kept is attended for at least half of its minutes.  What the program canceled, and bed days, count for nothing.
WITH visits AS (
    SELECT definition.measure, definition.at_day, started.episode_id, COUNT(session.counts_as_attended) AS expected,
           SUM(CASE WHEN session.counts_as_attended THEN 1 ELSE 0 END) AS kept
    FROM measure_definition AS definition
    CROSS JOIN analysis_set AS started
    JOIN sessions AS session ON session.patient_id = started.patient_id AND session.service_day >= started.start_day
                            AND days_between(started.start_day, session.service_day) <= definition.at_day
    WHERE definition.kind = 'attendance' AND session.counts_as_attended IS NOT NULL
    GROUP BY definition.measure, definition.at_day, started.episode_id
),
asked AS (
    SELECT definition.measure, definition.version, definition.instrument_id, definition.at_day, started.episode_id,
           COALESCE(days_between(started.start_day, started.observed_to_day) >= definition.observe_days, FALSE) AS observable,
           CASE WHEN visits.expected IS NULL THEN 'no visit was expected' END AS excluded,
           visits.kept, visits.expected
    FROM measure_definition AS definition
    CROSS JOIN analysis_set AS started
    LEFT JOIN visits
           ON visits.measure = definition.measure AND visits.at_day = definition.at_day AND visits.episode_id = started.episode_id
    WHERE definition.kind = 'attendance'
)
SELECT measure, version, instrument_id, at_day, episode_id AS unit_id, observable, excluded,
       CASE WHEN observable AND excluded IS NULL THEN kept ELSE 0 END AS events,
       CASE WHEN observable AND excluded IS NULL THEN expected ELSE 0 END AS chances
FROM asked
