-- retention_at_by_gap: whether each person was still in care on the days that pages show, by the gap allowed
-- grain: one row per episode_id, gap_days and at_day
-- weakness: leaving care is seen only after gap_days of silence
--
-- Observable through the day and the silence after it, the same for every arm; whoever died in care is out of it for good.
WITH placed AS (
    SELECT episode.episode_id, care.gap_days, day.at_day,
           COALESCE(days_between(episode.start_day, episode.observed_to_day) >= day.at_day + care.gap_days, FALSE)
               OR COALESCE(care.state = 'died', FALSE) AS observable,
           days_between(episode.start_day, anywhere.last_contact_day) AS last_contact,
           days_between(episode.start_day, there.last_contact_day) AS last_contact_in_level,
           care.state
    FROM index_episodes AS episode
    CROSS JOIN retention_day AS day
    JOIN retention_set_by_gap AS care ON care.episode_id = episode.episode_id
    JOIN retention_contacts_by_gap AS anywhere
      ON anywhere.episode_id = episode.episode_id AND anywhere.gap_days = care.gap_days AND anywhere.scope = 'any level'
    JOIN retention_contacts_by_gap AS there
      ON there.episode_id = episode.episode_id AND there.gap_days = care.gap_days AND there.scope = 'level started'
)
SELECT episode_id, gap_days, at_day, observable,
       CASE WHEN observable THEN last_contact >= at_day END AS retained,
       CASE WHEN observable THEN last_contact_in_level >= at_day END AS retained_in_level,
       CASE WHEN observable THEN last_contact < at_day AND state IN ('dropped_out', 'ama') END AS dropped_out
FROM placed
