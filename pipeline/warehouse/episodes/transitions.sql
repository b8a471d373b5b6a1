-- transitions: where a person went after each episode
-- grain: one row per episode_id
-- weakness: care outside the programs that export here is not seen
--
-- The next episode is the next to start, at a level from OP to IP; a negative gap is an overlap.
-- Beyond the chain (protocol.chain_days) nothing followed.
WITH ordered AS (
    SELECT episode.episode_id, episode.patient_id, episode.level_of_care, episode.start_day, episode.last_day, level.intensity,
           LEAD(episode.episode_id) OVER in_time AS next_episode_id,
           LEAD(episode.level_of_care) OVER in_time AS next_level,
           LEAD(level.intensity) OVER in_time AS next_intensity,
           LEAD(episode.start_day) OVER in_time AS next_start_day
    FROM episodes AS episode
    JOIN level_rank AS level ON level.level_of_care = episode.level_of_care
    WHERE level.intensity > 0
    WINDOW in_time AS (PARTITION BY episode.patient_id
                       ORDER BY episode.start_day NULLS LAST, level.intensity DESC NULLS LAST, episode.episode_id NULLS LAST)
)
SELECT ordered.episode_id, ordered.patient_id, ordered.level_of_care, ordered.next_episode_id, ordered.next_level,
       days_between(ordered.last_day, ordered.next_start_day) AS gap,
       CASE WHEN ordered.next_start_day IS NULL OR days_between(ordered.last_day, ordered.next_start_day) > protocol.chain_days
            THEN 'none'
            WHEN ordered.next_intensity < ordered.intensity THEN 'step_down'
            WHEN ordered.next_intensity > ordered.intensity THEN 'step_up'
            WHEN days_between(ordered.last_day, ordered.next_start_day) <= protocol.transfer_days THEN 'transfer'
            ELSE 'lateral' END AS kind,
       COALESCE(days_between(ordered.last_day, ordered.next_start_day) <= protocol.transfer_days, FALSE) AS direct
FROM ordered
CROSS JOIN protocol
