-- index_attendance: sessions a person was expected at, and kept, from day 0 to the study's last retention day
-- grain: one row per episode_id
-- weakness: a program that does not export missed sessions looks more punctual than it is
--
-- At any level of care.  Kept is attended for at least half of its minutes; what the program cancelled, and bed days, count for nothing.
WITH horizon AS (
    SELECT MAX(at_day) AS last_day FROM retention_day
)
SELECT started.episode_id,
       COUNT(session.counts_as_attended) AS expected_sessions,
       SUM(CASE WHEN session.counts_as_attended THEN 1 ELSE 0 END) AS kept_sessions
FROM analysis_set AS started
CROSS JOIN horizon
JOIN sessions AS session ON session.patient_id = started.patient_id
WHERE session.counts_as_attended IS NOT NULL
  AND session.service_day >= started.start_day
  AND days_between(started.start_day, session.service_day) <= horizon.last_day
GROUP BY started.episode_id
