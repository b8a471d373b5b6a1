-- recorded_episodes: the episodes as the programs recorded them, each with one level of care, its last day and its ending
-- grain: one row per episode_id
-- weakness: an ambulatory episode without a recorded end has no last day; the closure of its chart is never taken for one
--
-- Level: ASAM 3.7 is what the study says it is, and inpatient in a hospital; then the recorded level; then the ASAM level.
-- Last day: the recorded end; in 24-hour care also the discharge.  Of an end that is known only as a range of days it is the
-- earliest, and latest_day the latest.
WITH levelled AS (
    SELECT episode.*,
           CASE WHEN episode.asam_level = '3.7' AND COALESCE(recorded.is_24_hour, TRUE)
                THEN CASE WHEN hospital.program_id IS NOT NULL THEN 'IP' ELSE protocol.residential_3_7 END
                ELSE COALESCE(episode.level_of_care, crosswalk.level_of_care) END AS level_used
    FROM staging.episodes AS episode
    LEFT JOIN care_level AS recorded ON recorded.level_of_care = episode.level_of_care
    LEFT JOIN level_code AS crosswalk ON crosswalk.code = episode.asam_level AND crosswalk.system = 'ASAM'
    LEFT JOIN hospital_program AS hospital ON hospital.program_id = episode.program_id
    CROSS JOIN protocol
)
SELECT levelled.episode_id, levelled.patient_id, levelled.program_id,
       levelled.level_used AS level_of_care,
       COALESCE(level.is_24_hour, FALSE) AS is_24_hour,
       COALESCE(levelled.asam_level = '3.7' AND level.is_24_hour, FALSE) AS level_3_7,
       levelled.start_day, levelled.end_day,
       CASE WHEN levelled.end_day IS NOT NULL THEN levelled.end_day
            WHEN level.is_24_hour AND discharge.discharge_day >= levelled.start_day
            THEN discharge.discharge_day END AS last_day,
       CASE WHEN levelled.end_day IS NOT NULL THEN COALESCE(levelled.end_latest_day, levelled.end_day)
            WHEN level.is_24_hour AND discharge.discharge_day >= levelled.start_day
            THEN discharge.discharge_day END AS latest_day,
       levelled.admit_year, levelled.recommended_level, levelled.referral_source, levelled.mandated, levelled.payer,
       levelled.primary_dx, levelled.sud_flag, levelled.trauma_flag, levelled.psychosis_flag, levelled.prior_24h_care_12m,
       levelled.track, levelled.planned_weeks, levelled.planned_hours_per_week,
       discharge.discharge_day, discharge.ending, discharge.planned_ending, discharge.destination_level
FROM levelled
LEFT JOIN care_level AS level ON level.level_of_care = levelled.level_used
LEFT JOIN staging.discharges AS discharge ON discharge.episode_id = levelled.episode_id
