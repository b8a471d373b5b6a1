-- control_outcomes: outcomes that no level of care can change, for each person of the analysis set for whom they were looked up
-- grain: one row per episode_id and control_outcome
-- weakness: whoever was looked up for longer had more time to have one, and care outside the linked records is not seen
--
-- Counted from the day after day 0 to a year later: what came before could not differ by level, what comes much later has other causes.
SELECT episode.episode_id, control.control_outcome, CAST(MAX(control.value) AS INTEGER) AS happened
FROM index_episodes AS episode
JOIN staging.followups AS control ON control.patient_id = episode.patient_id
WHERE control.control_outcome <> '' AND control.value IS NOT NULL
  AND days_between(episode.start_day, control.contact_day) BETWEEN 1 AND 365
GROUP BY episode.episode_id, control.control_outcome
