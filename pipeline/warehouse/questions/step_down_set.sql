-- step_down_set: what was known of each person who left 24-hour care, and what followed, in days from leaving
-- grain: one row per patient_id
-- weakness: NULL means that nobody recorded it; readmission and death elsewhere are not seen
--
-- Day 0 is the day of leaving.  ended_as: as planned, otherwise, or not recorded.
-- came_as: new where this stay is seen to begin the care (index_episodes), stepped up elsewhere.
-- ed_visit: told at any contact of the first 120 days after leaving.
WITH emergencies AS (
    SELECT home.stay_id, MAX(CASE WHEN contact.ed_visit THEN 1 ELSE 0 END) AS visits
    FROM discharges_home AS home
    JOIN staging.followups AS contact
      ON contact.patient_id = home.patient_id AND days_between(home.discharge_day, contact.contact_day) BETWEEN 1 AND 120
    WHERE contact.ed_visit IS NOT NULL
    GROUP BY home.stay_id
),
earlier AS (
    SELECT DISTINCT home.stay_id
    FROM discharges_home AS home
    JOIN service_days AS day
      ON day.person_no = home.person_no AND day.service_day < home.start_day
     AND days_between(day.through_day, home.start_day) <= 365
    JOIN setting ON setting.setting_no = day.setting_no
    WHERE setting.level_of_care IN ('RES', 'IP')
)
SELECT home.stay_id, home.patient_id, home.level_of_care, home.program_id, home.site, home.discharge_day, home.ending,
       CASE WHEN home.planned THEN 'as planned' WHEN NOT home.planned THEN 'otherwise' ELSE 'not recorded' END AS ended_as,
       CASE WHEN home.index_episode THEN 'new' ELSE 'stepped up' END AS came_as,
       days_between(home.start_day, home.discharge_day) + 1 AS stay_days,
       days_between(home.discharge_day, iop.iop_day) AS to_iop,
       home.next_stay_in AS to_readmission,
       CASE WHEN death.death_day >= home.discharge_day THEN days_between(home.discharge_day, death.death_day) END AS to_death,
       home.to_end,
       CASE WHEN emergencies.visits IS NOT NULL THEN emergencies.visits = 1 END AS ed_visit,
       episode.period,
       CAST(COALESCE(patient.age_at_index, CAST(SUBSTRING(episode.period, 1, 4) AS INTEGER) - patient.birth_year) AS DOUBLE) AS age,
       patient.sex, patient.race_ethnicity, episode.payer, episode.referral_source, diagnosis.diagnosis_group, patient.housing,
       CASE WHEN episode.prior_24h_care_12m IS NOT NULL THEN episode.prior_24h_care_12m
            WHEN days_between(person.observed_from_day, home.start_day) >= 365 THEN earlier.stay_id IS NOT NULL END AS prior_24h_care,
       CAST(patient.prior_episodes_lifetime AS DOUBLE) AS prior_episodes,
       episode.sud_flag AS sud, episode.trauma_flag AS trauma, episode.psychosis_flag AS psychosis,
       risk.value AS suicide_risk, risk.source AS suicide_risk_source,
       functioning.value AS function_score, functioning.source AS function_source
FROM discharges_home AS home
JOIN episodes AS episode ON episode.episode_id = home.stay_id
JOIN person ON person.person_no = home.person_no
LEFT JOIN staging.patients AS patient ON patient.patient_id = home.patient_id
LEFT JOIN diagnosis ON diagnosis.episode_id = home.stay_id
LEFT JOIN iop_starts AS iop ON iop.stay_id = home.stay_id
LEFT JOIN known_deaths AS death ON death.patient_id = home.patient_id
LEFT JOIN emergencies ON emergencies.stay_id = home.stay_id
LEFT JOIN earlier ON earlier.stay_id = home.stay_id
LEFT JOIN discharge_readings AS risk ON risk.stay_id = home.stay_id AND risk.role = 'suicide_risk'
LEFT JOIN discharge_readings AS functioning ON functioning.stay_id = home.stay_id AND functioning.role = 'function'
