-- measure_retention: for each retention measure and day, who was still in care
-- grain: one row per measure, instrument_id, at_day and unit_id
-- weakness: leaving care is seen only after protocol.retention_gap_days of silence
-- view: measure_members alone reads it
SELECT definition.measure, definition.version, definition.instrument_id, definition.at_day, care.episode_id AS unit_id,
       COALESCE(care.seen_until + protocol.retention_gap_days >= definition.observe_days, FALSE) AS observable,
       CAST(NULL AS STRING) AS excluded,
       CASE WHEN care.seen_until + protocol.retention_gap_days >= definition.observe_days
             AND CASE definition.event WHEN 'level started' THEN care.last_contact_in_level ELSE care.last_contact END >= definition.at_day
            THEN 1 ELSE 0 END AS events,
       CASE WHEN care.seen_until + protocol.retention_gap_days >= definition.observe_days THEN 1 ELSE 0 END AS chances
FROM measure_definition AS definition
CROSS JOIN retention_set AS care
CROSS JOIN protocol
WHERE definition.kind = 'retention'
