-- measure_retention: for each retention measure and day, who was still in care
-- grain: one row per measure, instrument_id, at_day and unit_id
-- weakness: leaving care is seen only after protocol.retention_gap_days of silence
-- view: measure_members alone reads it
SELECT definition.measure, definition.version, definition.instrument_id, definition.at_day, episode.episode_id AS unit_id,
       COALESCE(days_between(episode.start_day, episode.observed_to_day) >= definition.observe_days, FALSE) AS observable,
       CAST(NULL AS STRING) AS excluded,
       CASE WHEN days_between(episode.start_day, episode.observed_to_day) >= definition.observe_days
             AND days_between(episode.start_day, contact.last_contact_day) >= definition.at_day THEN 1 ELSE 0 END AS events,
       CASE WHEN days_between(episode.start_day, episode.observed_to_day) >= definition.observe_days THEN 1 ELSE 0 END AS chances
FROM measure_definition AS definition
CROSS JOIN index_episodes AS episode
JOIN retention_contacts AS contact ON contact.episode_id = episode.episode_id AND contact.scope = definition.event
WHERE definition.kind = 'retention'
