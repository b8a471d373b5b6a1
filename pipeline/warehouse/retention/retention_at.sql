-- retention_at: whether each person was still in care on the days that pages show
-- grain: one row per episode_id and at_day
-- weakness: leaving care is seen only after protocol.retention_gap_days of silence
-- kept view: of one table that is written, worked out again where it is read
SELECT kept.episode_id, kept.at_day, kept.observable, kept.retained, kept.retained_in_level, kept.dropped_out
FROM retention_at_by_gap AS kept
JOIN protocol ON protocol.retention_gap_days = kept.gap_days
