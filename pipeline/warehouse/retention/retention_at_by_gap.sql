-- retention_at_by_gap: whether each person was still in care on the days that pages show, by the gap allowed
-- grain: one row per episode_id, gap_days and at_day
-- weakness: leaving care is seen only after gap_days of silence
-- kept view: of one table that is written, worked out again where it is read
--
-- Observable through the day and the silence after it, the same for every arm; whoever died in care is out of it for good.
WITH placed AS (
    SELECT care.episode_id, care.gap_days, day.at_day, care.last_contact, care.last_contact_in_level, ending.dropped_out,
           COALESCE(care.seen_until >= day.at_day, FALSE) OR COALESCE(care.state = 'died', FALSE) AS observable
    FROM retention_set_by_gap AS care
    CROSS JOIN retention_day AS day
    LEFT JOIN ending_code AS ending ON ending.ending = care.state
)
SELECT episode_id, gap_days, at_day, observable,
       CASE WHEN observable THEN last_contact >= at_day END AS retained,
       CASE WHEN observable THEN last_contact_in_level >= at_day END AS retained_in_level,
       CASE WHEN observable THEN last_contact < at_day AND dropped_out END AS dropped_out
FROM placed
