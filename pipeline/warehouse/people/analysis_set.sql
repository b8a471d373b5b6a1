-- analysis_set: everybody who started new at a compared level, with what was known on day 0
-- grain: one row per patient_id
-- weakness: NULL means that nobody recorded it, which is not the same as no
WITH readings AS (
    SELECT reading.episode_id, reading.role, reading.source, reading.value
    FROM confounder_readings AS reading
    JOIN confounder_source AS used ON used.role = reading.role AND used.priority = reading.priority
)
SELECT episode.patient_id, episode.episode_id, episode.arm, episode.level_of_care, episode.program_id, episode.site,
       episode.start_day, episode.period, episode.observed_to_day,
       CAST(COALESCE(patient.age_at_index,
                     CAST(SUBSTRING(episode.period, 1, 4) AS INTEGER) - patient.birth_year) AS DOUBLE) AS age,
       patient.sex, patient.race_ethnicity, episode.payer, episode.referral_source,
       diagnosis.diagnosis_group,
       patient.housing, prior.prior_24h_care, CAST(patient.prior_episodes_lifetime AS DOUBLE) AS prior_episodes,
       episode.sud_flag AS sud, episode.trauma_flag AS trauma, episode.psychosis_flag AS psychosis,
       modality.baseline_modality,
       risk.value AS suicide_risk, risk.source AS suicide_risk_source,
       functioning.value AS function_score, functioning.source AS function_source,
       episode.track, episode.planned_weeks, episode.recommended_level, therapist.therapist_id
FROM index_episodes AS episode
LEFT JOIN staging.patients AS patient ON patient.patient_id = episode.patient_id
LEFT JOIN diagnosis ON diagnosis.episode_id = episode.episode_id
LEFT JOIN prior_care AS prior ON prior.episode_id = episode.episode_id
LEFT JOIN baseline_modality AS modality ON modality.episode_id = episode.episode_id
LEFT JOIN main_therapist AS therapist ON therapist.episode_id = episode.episode_id
LEFT JOIN readings AS risk ON risk.episode_id = episode.episode_id AND risk.role = 'suicide_risk'
LEFT JOIN readings AS functioning ON functioning.episode_id = episode.episode_id AND functioning.role = 'function'
