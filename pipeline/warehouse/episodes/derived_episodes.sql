-- derived_episodes: stays of one person at one level of care in one program, from the days on which they were served
-- grain: one row per episode_id
-- weakness: a program that does not export every attended service shows gaps that were none
--
-- A new stay starts where the silence since the last served day is longer than the level's own gap (care_level.gap_days).
-- Each stay ends where care was covered to when the next one started; the last one, where it was covered to at all.
-- A study without sessions derives nothing: its recorded episodes are its stays.
WITH ordered AS (
    SELECT day.person_no, day.setting_no, day.service_day,
           MAX(day.through_day) OVER (PARTITION BY day.person_no, day.setting_no
                                      ORDER BY day.service_day NULLS LAST, day.through_day NULLS LAST
                                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered_to,
           MAX(day.through_day) OVER (PARTITION BY day.person_no, day.setting_no) AS covered_at_all
    FROM service_days AS day
    WHERE EXISTS (SELECT 1 FROM staging.sessions)
),
starts AS (
    SELECT ordered.*, setting.program_id, setting.level_of_care
    FROM ordered
    JOIN setting ON setting.setting_no = ordered.setting_no
    WHERE ordered.covered_to IS NULL OR days_between(ordered.covered_to, ordered.service_day) > setting.gap_days
),
ended AS (
    SELECT starts.*,
           COALESCE(LEAD(covered_to) OVER (PARTITION BY person_no, setting_no ORDER BY service_day NULLS LAST),
                    covered_at_all) AS last_day
    FROM starts
)
SELECT person.patient_id || '/' || ended.program_id || '/' || ended.level_of_care || '/' || CAST(ended.service_day AS STRING)
           AS episode_id,
       person.patient_id, ended.person_no, ended.setting_no, ended.program_id, ended.level_of_care,
       ended.service_day AS start_day, ended.last_day
FROM ended
JOIN person ON person.person_no = ended.person_no
