-- measure_engagement: for each engagement measure, who came again soon, and twice more after that
-- grain: one row per measure, instrument_id, at_day and unit_id
-- weakness: counted from the first attended service, because the day of the first diagnosis or request is not in the records
-- view: measure_members alone reads it
--
-- Initiated: another day of service within within_days, or a start in 24-hour care (on day 0).  Engaged: two more days of service within
-- further_days of initiation, or of day 0 where the measure counts from the start.  Events (withdrawal management, emergencies) are none.
WITH days AS (
    SELECT episode.person_no, GREATEST(days_between(episode.start_day, day.service_day), 1) AS from_day,
           days_between(episode.start_day, day.through_day) AS to_day
    FROM index_episodes AS episode
    JOIN service_days AS day ON day.person_no = episode.person_no AND days_between(episode.start_day, day.through_day) >= 1
    JOIN setting ON setting.setting_no = day.setting_no AND setting.sets_the_day
),
again AS (
    SELECT person_no, MIN(from_day) AS first_day FROM days GROUP BY person_no
),
begun AS (
    SELECT definition.measure, definition.version, definition.instrument_id, definition.at_day, definition.event,
           definition.further_days, episode.episode_id, episode.person_no,
           COALESCE(days_between(episode.start_day, episode.observed_to_day) >= definition.observe_days, FALSE) AS observable,
           CASE WHEN definition.sud_only AND NOT COALESCE(episode.sud_flag, FALSE) THEN 'no substance use disorder' END AS excluded,
           CASE WHEN definition.event = 'engaged from the start' OR episode.is_24_hour THEN 0
                WHEN again.first_day <= definition.within_days THEN again.first_day END AS initiated_day
    FROM measure_definition AS definition
    CROSS JOIN index_episodes AS episode
    LEFT JOIN again ON again.person_no = episode.person_no
    WHERE definition.kind = 'engagement'
),
further AS (
    SELECT begun.measure, begun.at_day, begun.person_no,
           SUM(LEAST(days.to_day, begun.initiated_day + begun.further_days) - GREATEST(days.from_day, begun.initiated_day + 1) + 1)
               AS further_service_days
    FROM begun
    JOIN days ON days.person_no = begun.person_no AND days.to_day > begun.initiated_day
             AND days.from_day <= begun.initiated_day + begun.further_days
    WHERE begun.event <> 'initiated'
    GROUP BY begun.measure, begun.at_day, begun.person_no
)
SELECT begun.measure, begun.version, begun.instrument_id, begun.at_day, begun.episode_id AS unit_id, begun.observable, begun.excluded,
       CASE WHEN begun.observable AND begun.excluded IS NULL
             AND CASE WHEN begun.event = 'initiated' THEN begun.initiated_day IS NOT NULL
                      ELSE further.further_service_days >= 2 END THEN 1 ELSE 0 END AS events,
       CASE WHEN begun.observable AND begun.excluded IS NULL THEN 1 ELSE 0 END AS chances
FROM begun
LEFT JOIN further
       ON further.measure = begun.measure AND further.at_day = begun.at_day AND further.person_no = begun.person_no
