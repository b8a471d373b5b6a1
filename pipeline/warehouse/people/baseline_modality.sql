-- baseline_modality: how the first attended service of the index episode was held
-- grain: one row per episode_id
-- weakness: only the first day says; 24-hour care without a recorded modality is in person
WITH ordered AS (
    SELECT episode.episode_id, session.modality,
           ROW_NUMBER() OVER (PARTITION BY episode.episode_id ORDER BY session.session_id NULLS LAST) AS place
    FROM index_episodes AS episode
    JOIN sessions AS session
      ON session.patient_id = episode.patient_id AND session.program_id = episode.program_id
     AND session.service_day = episode.start_day
    WHERE session.attended AND session.modality IS NOT NULL
)
SELECT episode.episode_id,
       COALESCE(ordered.modality, CASE WHEN episode.level_of_care IN ('RES', 'IP') THEN 'in_person' END) AS baseline_modality
FROM index_episodes AS episode
LEFT JOIN ordered ON ordered.episode_id = episode.episode_id AND ordered.place = 1
