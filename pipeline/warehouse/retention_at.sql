-- retention_at: whether each person was still in care on the days that pages show
-- grain: one row per episode_id and at_day
-- weakness: leaving care is seen only after protocol.retention_gap_days of silence
--
-- Observable through the day and the silence after it, the same for every arm.
WITH placed AS (
    SELECT episode.episode_id, day.at_day,
           COALESCE(days_between(episode.start_day, episode.observed_to_day) >= day.at_day + protocol.retention_gap_days, FALSE)
               AS observable,
           days_between(episode.start_day, anywhere.last_contact_day) AS last_contact,
           days_between(episode.start_day, there.last_contact_day) AS last_contact_in_level,
           care.state
    FROM index_episodes AS episode
    CROSS JOIN retention_day AS day
    CROSS JOIN protocol
    JOIN retention_contacts AS anywhere ON anywhere.episode_id = episode.episode_id AND anywhere.scope = 'any level'
    JOIN retention_contacts AS there ON there.episode_id = episode.episode_id AND there.scope = 'level started'
    JOIN retention_set AS care ON care.episode_id = episode.episode_id
)
SELECT episode_id, at_day, observable,
       CASE WHEN observable THEN last_contact >= at_day END AS retained,
       CASE WHEN observable THEN last_contact_in_level >= at_day END AS retained_in_level,
       CASE WHEN observable THEN last_contact < at_day AND state IN ('dropped_out', 'ama') END AS dropped_out
FROM placed
