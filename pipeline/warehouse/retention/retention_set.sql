-- retention_set: how long each person of the analysis set stayed in care, and how it ended
-- grain: one row per episode_id
-- weakness: an ending is known only where the episode of the last contact has a discharge
-- kept view: of one table that is written, worked out again where it is read
SELECT care.episode_id, care.last_contact, care.last_contact_in_level, care.seen_until, care.observable, care.care_days,
       care.care_days_latest, care.state
FROM retention_set_by_gap AS care
JOIN protocol ON protocol.retention_gap_days = care.gap_days
