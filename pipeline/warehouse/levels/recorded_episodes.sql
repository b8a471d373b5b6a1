-- recorded_episodes: the episodes as the programs recorded them, each with one level of care, its last day and its ending
-- grain: one row per episode_id
-- weakness: an ambulatory episode without a recorded end has no last day; the closure of its chart is never taken for one
--
-- Level: ASAM 3.7 is what the study says it is, and inpatient in a hospital; then the recorded level; then the ASAM level.
-- Last day: the recorded end; in 24-hour care also the discharge.
WITH levelled AS (
    SELECT episode.*,
           CASE WHEN episode.asam_level = '3.7' AND COALESCE(episode.level_of_care, 'RES') IN ('RES', 'IP')
                THEN CASE WHEN hospital.program_id IS NOT NULL THEN 'IP' ELSE protocol.residential_3_7 END
                WHEN episode.level_of_care IS NOT NULL THEN episode.level_of_care
                WHEN episode.asam_level IN ('1', '1.5', '1.7') THEN 'OP'
                WHEN episode.asam_level = '2.1' THEN 'IOP'
                WHEN episode.asam_level IN ('2.5', '2.7') THEN 'PHP'
                WHEN episode.asam_level IN ('3.1', '3.3', '3.5') THEN 'RES'
                WHEN episode.asam_level = '4' THEN 'IP' END AS level_used
    FROM staging.episodes AS episode
    LEFT JOIN hospital_program AS hospital ON hospital.program_id = episode.program_id
    CROSS JOIN protocol
)
SELECT levelled.episode_id, levelled.patient_id, levelled.program_id,
       levelled.level_used AS level_of_care,
       COALESCE(levelled.asam_level = '3.7' AND levelled.level_used IN ('RES', 'IP'), FALSE) AS level_3_7,
       levelled.start_day, levelled.end_day,
       CASE WHEN levelled.end_day IS NOT NULL THEN levelled.end_day
            WHEN levelled.level_used IN ('RES', 'IP') AND discharge.discharge_day >= levelled.start_day
            THEN discharge.discharge_day END AS last_day,
       levelled.admit_year, levelled.recommended_level, levelled.referral_source, levelled.mandated, levelled.payer,
       levelled.primary_dx, levelled.sud_flag, levelled.trauma_flag, levelled.psychosis_flag, levelled.prior_24h_care_12m,
       levelled.track, levelled.planned_weeks, levelled.planned_hours_per_week,
       discharge.discharge_day, discharge.ending, discharge.planned_ending, discharge.destination_level
FROM levelled
LEFT JOIN staging.discharges AS discharge ON discharge.episode_id = levelled.episode_id
