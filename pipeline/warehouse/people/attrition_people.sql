-- attrition_people: the one reason for which each person is not in the analysis set
-- grain: one row per patient_id
-- weakness: whoever never reached a compared level has no arm
--
-- Reasons in order: nothing attended, no compared level, in care when the records begin, in care shortly before every start.
-- The arm is that of the index episode, else of the first episode at a compared level.
WITH reached AS (
    SELECT patient_id, COUNT(*) AS starts,
           MAX(CASE WHEN washout_observable THEN 1 ELSE 0 END) AS observable,
           MAX(CASE WHEN washout_observable AND washout_clean THEN 1 ELSE 0 END) AS new
    FROM starts
    GROUP BY patient_id
),
firsts AS (
    SELECT starts.patient_id, starts.arm,
           ROW_NUMBER() OVER (PARTITION BY starts.patient_id
                              ORDER BY CASE WHEN starts.washout_observable AND starts.washout_clean THEN 0 ELSE 1 END NULLS LAST,
                                       starts.start_day NULLS LAST, starts.intensity DESC NULLS LAST,
                                       starts.program_id NULLS LAST, starts.episode_id NULLS LAST) AS place
    FROM starts
),
served AS (
    SELECT DISTINCT person_no FROM service_days
)
SELECT patient.patient_id, COALESCE(indexed.arm, firsts.arm, '') AS arm,
       CASE WHEN served.person_no IS NULL THEN 1
            WHEN reached.patient_id IS NULL THEN 2
            WHEN reached.observable = 0 THEN 3
            WHEN reached.new = 0 THEN 4
            ELSE 5 END AS left_at_step
FROM person AS patient
LEFT JOIN served ON served.person_no = patient.person_no
LEFT JOIN reached ON reached.patient_id = patient.patient_id
LEFT JOIN index_episodes AS indexed ON indexed.patient_id = patient.patient_id
LEFT JOIN firsts ON firsts.patient_id = patient.patient_id AND firsts.place = 1
