-- course_episodes: which course of care each episode belongs to
-- grain: one row per episode_id
-- weakness: episodes outside OP to IP (withdrawal management, emergencies, opioid treatment) belong to no course
--
-- A course goes on while the next episode starts within protocol.chain_days of the last day of any before it.
WITH covered AS (
    SELECT episode.episode_id, episode.patient_id, episode.level_of_care, episode.start_day, episode.last_day, level.intensity,
           MAX(episode.last_day) OVER (PARTITION BY episode.patient_id
                                       ORDER BY episode.start_day NULLS LAST, level.intensity DESC NULLS LAST,
                                                episode.episode_id NULLS LAST
                                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered_to
    FROM episodes AS episode
    JOIN level_rank AS level ON level.level_of_care = episode.level_of_care
    WHERE level.intensity > 0
),
numbered AS (
    SELECT covered.*,
           SUM(CASE WHEN covered.covered_to IS NULL OR days_between(covered.covered_to, covered.start_day) > protocol.chain_days
                    THEN 1 ELSE 0 END)
               OVER (PARTITION BY covered.patient_id
                     ORDER BY covered.start_day NULLS LAST, covered.intensity DESC NULLS LAST, covered.episode_id NULLS LAST
                     ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS course
    FROM covered
    CROSS JOIN protocol
)
SELECT episode_id, patient_id, CAST(course AS INTEGER) AS course,
       ROW_NUMBER() OVER (PARTITION BY patient_id, course
                          ORDER BY start_day NULLS LAST, intensity DESC NULLS LAST, episode_id NULLS LAST) AS step,
       level_of_care, intensity, start_day, last_day
FROM numbered
