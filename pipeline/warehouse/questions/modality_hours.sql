-- modality_hours: hours attended of each kind of service in the first 28 days of intensive outpatient care
-- grain: one row per episode_id and service_type
-- weakness: who leaves within the 28 days has the mix of the days before; assessment, milieu and crisis belong to no mix
--
-- A fixed early window, so that the mix is not what staying long makes of it.  Services at any program on or after day 0.
SELECT started.episode_id, session.service_type, SUM(session.attended_minutes) / CAST(60 AS DOUBLE) AS hours
FROM analysis_set AS started
JOIN sessions AS session ON session.patient_id = started.patient_id
WHERE started.level_of_care = 'IOP' AND session.status = 'attended' AND session.service_day >= started.start_day
  AND days_between(started.start_day, session.service_day) < 28
  AND session.service_type IN ('individual', 'group', 'family', 'medication', 'somatic')
  AND session.attended_minutes > 0
GROUP BY started.episode_id, session.service_type
