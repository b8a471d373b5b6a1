-- ever_started: the arms at which a person had any episode from day 0 to day 90
-- grain: one row per patient_id and arm
-- weakness: whoever leaves or dies early has less time to reach a second level; no fair comparison can be made of it
SELECT index_start.patient_id, arm.arm
FROM index_episodes AS index_start
JOIN episodes AS episode ON episode.patient_id = index_start.patient_id
 AND days_between(index_start.start_day, episode.start_day) BETWEEN 0 AND 90
JOIN arm_level AS arm ON arm.level_of_care = episode.level_of_care
GROUP BY index_start.patient_id, arm.arm
