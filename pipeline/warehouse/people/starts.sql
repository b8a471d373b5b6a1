-- starts: every episode at a compared level, and whether it can begin a new course of care
-- grain: one row per episode_id
-- weakness: care in a program that does not export here is not seen, so a new start may not be new
--
-- New: no day in care at any compared level in the protocol.washout_days before, the same rule for every arm; and
-- those days were observable, otherwise the person may have been in care already (prevalent).
WITH earlier AS (
    SELECT episode.episode_id, MAX(LEAST(day.through_day, episode.start_day - 1)) AS last_served_day
    FROM episodes AS episode
    JOIN service_days AS day ON day.person_no = episode.person_no AND day.service_day < episode.start_day
    JOIN setting ON setting.setting_no = day.setting_no
    JOIN arm_level AS compared ON compared.level_of_care = setting.level_of_care
    WHERE episode.arm IS NOT NULL
    GROUP BY episode.episode_id
)
SELECT episode.episode_id, episode.patient_id, episode.program_id, episode.arm, episode.level_of_care, level.intensity,
       episode.start_day,
       earlier.last_served_day,
       COALESCE(days_between(person.observed_from_day, episode.start_day) >= protocol.washout_days, FALSE) AS washout_observable,
       COALESCE(days_between(earlier.last_served_day, episode.start_day) > protocol.washout_days, TRUE) AS washout_clean
FROM episodes AS episode
LEFT JOIN earlier ON earlier.episode_id = episode.episode_id
JOIN person ON person.person_no = episode.person_no
JOIN level_rank AS level ON level.level_of_care = episode.level_of_care
CROSS JOIN protocol
WHERE episode.arm IS NOT NULL
