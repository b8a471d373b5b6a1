-- measure_courses: NHS-style rates: which courses of treatment each measure is asked of, and for which it came true
-- grain: one row per measure, instrument_id, at_day and unit_id
-- weakness: a course is the first stay at the level started; care that went on elsewhere is not part of it
-- view: measure_members alone reads it
--
-- Finished: two days of contact or more.  A case is at or above the cutoff of either scale at the start.  A rate from intake keeps in
-- its denominator those who left early or were not measured again.  Without both scales in use there are no rows.
WITH used AS (
    SELECT DISTINCT instrument_id FROM measure_scores
),
contacts AS (
    SELECT episode.episode_id, SUM(days_between(day.service_day, LEAST(day.through_day, episode.last_day)) + 1) AS contacts
    FROM index_episodes AS episode
    JOIN service_days AS day ON day.person_no = episode.person_no AND day.service_day BETWEEN episode.start_day AND episode.last_day
    JOIN setting ON setting.setting_no = day.setting_no
                AND setting.program_id = episode.program_id AND setting.level_of_care = episode.level_of_care
    GROUP BY episode.episode_id
),
paired AS (
    SELECT definition.measure, definition.version, definition.instrument_id, definition.at_day, definition.event, definition.finished,
           definition.rci, definition.other_rci, episode.episode_id, COALESCE(care.ending <> 'in_care', FALSE) AS observable,
           COALESCE(contacts.contacts, 0) AS contacts,
           COALESCE(one.first_score >= definition.caseness, FALSE)
               OR COALESCE(other.first_score >= definition.other_caseness, FALSE) AS was_case,
           COALESCE(one.last_score < definition.caseness AND other.last_score < definition.other_caseness, FALSE) AS below,
           ROUND(one.first_score - one.last_score, 6) AS better, ROUND(other.first_score - other.last_score, 6) AS other_better
    FROM measure_definition AS definition
    JOIN used ON used.instrument_id = definition.instrument_id
    JOIN used AS other_used ON other_used.instrument_id = definition.other_instrument_id
    CROSS JOIN index_episodes AS episode
    JOIN endings AS care ON care.episode_id = episode.episode_id
    LEFT JOIN contacts ON contacts.episode_id = episode.episode_id
    LEFT JOIN measure_course_scores AS one
           ON one.episode_id = episode.episode_id AND one.instrument_id = definition.instrument_id
          AND one.window_to = definition.window_to
    LEFT JOIN measure_course_scores AS other
           ON other.episode_id = episode.episode_id AND other.instrument_id = definition.other_instrument_id
          AND other.window_to = definition.window_to
    WHERE definition.kind = 'course'
),
judged AS (
    SELECT paired.*,
           CASE WHEN event IN ('recovered', 'reliably recovered') AND NOT was_case THEN 'no case at the start'
                WHEN finished AND contacts < 2 THEN 'fewer than two contacts'
                WHEN finished AND event IN ('reliably better', 'reliably worse') AND (better IS NULL OR other_better IS NULL)
                THEN 'not measured again' END AS excluded,
           (better >= rci OR other_better >= other_rci) AND better > -rci AND other_better > -other_rci AS improved,
           (better <= -rci OR other_better <= -other_rci) AND better < rci AND other_better < other_rci AS worsened
    FROM paired
)
SELECT measure, version, instrument_id, at_day, episode_id AS unit_id, observable, excluded,
       CASE WHEN observable AND excluded IS NULL AND contacts >= 2
             AND CASE event WHEN 'recovered' THEN below WHEN 'reliably recovered' THEN below AND improved
                            WHEN 'reliably better' THEN improved ELSE worsened END THEN 1 ELSE 0 END AS events,
       CASE WHEN observable AND excluded IS NULL THEN 1 ELSE 0 END AS chances
FROM judged
