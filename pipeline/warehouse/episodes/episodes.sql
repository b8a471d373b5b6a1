-- episodes: the unit of every analysis: one stay of one person at one level of care in one program
-- grain: one row per episode_id
-- weakness: attributes come from the recorded episode it shares most days with; without one they are not recorded
--
-- Derived from sessions; a study without sessions uses its recorded episodes as they are.  latest_day is later than last_day
-- where the recorded end is a range of days.
WITH stays AS (
    SELECT derived.episode_id, derived.patient_id, derived.program_id, derived.level_of_care, derived.start_day,
           derived.last_day, derived.last_day AS latest_day, match.recorded_episode_id, 'sessions' AS made_from
    FROM derived_episodes AS derived
    LEFT JOIN episode_match AS match ON match.episode_id = derived.episode_id
    UNION ALL
    SELECT recorded.episode_id, recorded.patient_id, recorded.program_id, COALESCE(recorded.level_of_care, 'UNKNOWN') AS level_of_care,
           recorded.start_day, COALESCE(recorded.last_day, recorded.start_day) AS last_day,
           COALESCE(recorded.latest_day, recorded.start_day) AS latest_day,
           recorded.episode_id AS recorded_episode_id, 'recorded episodes' AS made_from
    FROM recorded_episodes AS recorded
    WHERE NOT EXISTS (SELECT 1 FROM staging.sessions)
)
SELECT stays.episode_id, stays.patient_id, person.person_no, stays.program_id, COALESCE(program.site, stays.program_id) AS site,
       stays.level_of_care, COALESCE(level.is_24_hour, FALSE) AS is_24_hour, arm.arm, stays.start_day, stays.last_day, stays.latest_day,
       stays.made_from, stays.recorded_episode_id,
       recorded.start_day AS recorded_start_day, recorded.last_day AS recorded_last_day,
       recorded.level_of_care AS recorded_level,
       CASE WHEN protocol.calendar THEN period_of_day(stays.start_day) ELSE recorded.admit_year END AS period,
       recorded.recommended_level, recorded.referral_source, recorded.mandated, recorded.payer, recorded.primary_dx,
       recorded.sud_flag, recorded.trauma_flag, recorded.psychosis_flag, recorded.prior_24h_care_12m, recorded.track,
       recorded.planned_weeks, recorded.planned_hours_per_week
FROM stays
JOIN person ON person.patient_id = stays.patient_id
LEFT JOIN recorded_episodes AS recorded ON recorded.episode_id = stays.recorded_episode_id
LEFT JOIN staging.programs AS program ON program.program_id = stays.program_id
LEFT JOIN care_level AS level ON level.level_of_care = stays.level_of_care
LEFT JOIN arm_level AS arm ON arm.level_of_care = stays.level_of_care
CROSS JOIN protocol
