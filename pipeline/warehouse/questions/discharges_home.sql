-- discharges_home: the first time each person left 24-hour care alive and not for other 24-hour care
-- grain: one row per patient_id
-- weakness: where someone went is known only as far as it was written down or is seen here
--
-- Day 0 of stepping down.  At least one day after it was observable; direct transfers are one stay.
WITH asked AS (
    SELECT stay.stay_id, stay.patient_id, person.person_no, stay.level_of_care, stay.program_id, stay.site, stay.start_day,
           stay.discharge_day, stay.ending, ending.planned, stay.index_episode, stay.next_stay_in,
           days_between(stay.discharge_day, person.observed_to_day) AS to_end,
           ROW_NUMBER() OVER (PARTITION BY stay.patient_id ORDER BY stay.discharge_day NULLS LAST, stay.stay_id NULLS LAST) AS place
    FROM readmission AS stay
    JOIN endings AS ending ON ending.episode_id = stay.stay_id
    JOIN person ON person.patient_id = stay.patient_id
    WHERE stay.ending NOT IN ('died', 'in_care')
      AND COALESCE(ending.destination_level, '') NOT IN ('RES', 'IP')
      AND COALESCE(stay.next_stay_in, 2) >= 2
      AND days_between(stay.discharge_day, person.observed_to_day) >= 1
)
SELECT stay_id, patient_id, person_no, level_of_care, program_id, site, start_day, discharge_day, ending, planned, index_episode,
       next_stay_in, to_end
FROM asked
WHERE place = 1
