-- courses: one chain of episodes without a silence longer than protocol.chain_days
-- grain: one row per patient_id and course
-- weakness: the last level is that of the episode that started last, which may lie within an earlier one
WITH ends AS (
    SELECT patient_id, course, MAX(step) AS episodes, MIN(start_day) AS start_day, MAX(last_day) AS last_day,
           MAX(intensity) AS highest
    FROM course_episodes
    GROUP BY patient_id, course
)
SELECT ends.patient_id, ends.course, ends.episodes, ends.start_day, ends.last_day,
       first.episode_id AS first_episode_id, first.level_of_care AS first_level, last.level_of_care AS last_level,
       level.level_of_care AS highest_level
FROM ends
JOIN course_episodes AS first ON first.patient_id = ends.patient_id AND first.course = ends.course AND first.step = 1
JOIN course_episodes AS last ON last.patient_id = ends.patient_id AND last.course = ends.course AND last.step = ends.episodes
JOIN level_rank AS level ON level.intensity = ends.highest
