-- confounder_readings: suicide risk and functioning at the start, by each instrument that the study names
-- grain: one row per episode_id, role and priority
-- weakness: only what was measured in the baseline window; an unanswered item is never filled in
--
-- The reading nearest day 0, the earlier on ties.
WITH candidates AS (
    SELECT episode.episode_id, reading.role, reading.priority, reading.source,
           days_between(episode.start_day, reading.assessed_day) AS day, reading.value
    FROM index_episodes AS episode
    CROSS JOIN protocol
    JOIN instrument_readings AS reading
      ON reading.patient_id = episode.patient_id
     AND days_between(episode.start_day, reading.assessed_day) BETWEEN protocol.baseline_from AND protocol.baseline_to
),
ordered AS (
    SELECT candidates.*,
           ROW_NUMBER() OVER (PARTITION BY episode_id, role, priority ORDER BY ABS(day) NULLS LAST, day NULLS LAST) AS place
    FROM candidates
)
SELECT episode_id, role, priority, source, day, value
FROM ordered
WHERE place = 1
