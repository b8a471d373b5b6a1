-- diagnosis: the group of the primary diagnosis of each episode
-- grain: one row per episode_id
-- weakness: one diagnosis stands for the person; the second one is not looked at
WITH coded AS (
    SELECT episode_id, UPPER(SUBSTRING(primary_dx, 1, 3)) AS category FROM episodes
)
SELECT episode_id,
       CASE WHEN category BETWEEN 'F30' AND 'F39' THEN 'mood'
            WHEN category = 'F43' THEN 'trauma'
            WHEN category BETWEEN 'F40' AND 'F48' THEN 'anxiety'
            WHEN category BETWEEN 'F20' AND 'F29' THEN 'psychosis'
            WHEN category BETWEEN 'F10' AND 'F19' THEN 'substance'
            WHEN category = 'F50' THEN 'eating'
            WHEN category BETWEEN 'F60' AND 'F69' THEN 'personality'
            WHEN category IS NOT NULL THEN 'other' END AS diagnosis_group
FROM coded
