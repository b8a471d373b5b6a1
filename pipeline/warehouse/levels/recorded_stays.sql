-- recorded_stays: care known only from the recorded episode, because its days were not exported
-- grain: one row per patient_id, program_id, level_of_care and start_day
-- weakness: a lower level of care written down on a day within such a stay is not hidden by it
--
-- Stays in 24-hour care without a bed day; in a study without sessions, every recorded episode.
SELECT episode.patient_id, episode.program_id, COALESCE(episode.level_of_care, 'UNKNOWN') AS level_of_care, episode.start_day,
       MAX(COALESCE(episode.last_day, episode.start_day)) AS last_day
FROM recorded_episodes AS episode
WHERE NOT EXISTS (SELECT 1 FROM staging.sessions)
   OR (episode.level_of_care IN ('RES', 'IP')
       AND NOT EXISTS (SELECT 1
                       FROM staging.sessions AS bed
                       WHERE bed.patient_id = episode.patient_id AND bed.status = 'bed_day'
                         AND bed.service_day >= episode.start_day
                         AND bed.service_day <= COALESCE(episode.last_day, episode.start_day)))
GROUP BY episode.patient_id, episode.program_id, COALESCE(episode.level_of_care, 'UNKNOWN'), episode.start_day
