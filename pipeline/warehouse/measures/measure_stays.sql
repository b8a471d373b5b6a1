-- measure_stays: for each measure of what follows 24-hour care, which stays it is asked of and for which it came true
-- grain: one row per measure, instrument_id, at_day and unit_id
-- weakness: visits, readmissions and deaths elsewhere are seen only where somebody wrote them down
-- view: measure_members alone reads it
--
-- A visit is a day of service outside 24-hour care, on day 1 or later: the day of leaving does not count.  Visits are looked for only
-- where nobody came back to 24-hour care, and nobody died, within the 30 days, for the 7-day rate too.
WITH deaths AS (
    SELECT stay.stay_id
    FROM readmission AS stay
    JOIN staging.followups AS contact ON contact.patient_id = stay.patient_id AND (contact.reached = 'died' OR NOT contact.alive)
     AND days_between(stay.discharge_day, contact.contact_day) BETWEEN 0 AND 30
    UNION
    SELECT stay.stay_id
    FROM readmission AS stay
    JOIN episodes AS episode ON episode.patient_id = stay.patient_id
     AND days_between(stay.discharge_day, episode.last_day) BETWEEN 0 AND 30
    JOIN endings AS care ON care.episode_id = episode.episode_id AND care.ending = 'died'
),
visits AS (
    SELECT stay.stay_id, MIN(days_between(stay.discharge_day, day.service_day)) AS first_visit
    FROM readmission AS stay
    JOIN person ON person.patient_id = stay.patient_id
    JOIN service_days AS day ON day.person_no = person.person_no AND days_between(stay.discharge_day, day.service_day) >= 1
    JOIN setting ON setting.setting_no = day.setting_no AND setting.sets_the_day AND NOT setting.is_24_hour
    GROUP BY stay.stay_id
),
asked AS (
    SELECT definition.measure, definition.version, definition.instrument_id, definition.at_day, definition.event, stay.stay_id,
           days_between(stay.discharge_day, patient.observed_to_day) >= definition.observe_days AS observable,
           CASE WHEN stay.ending = 'in_care' THEN 'still there'
                WHEN stay.ending = 'died' THEN 'died'
                WHEN NOT stay.eligible AND days_between(stay.discharge_day, patient.observed_to_day) >= definition.observe_days
                THEN 'went on to other 24-hour care'
                WHEN definition.event = 'seen' AND stay.readmitted_30 THEN 'back in 24-hour care'
                WHEN definition.event = 'seen' AND deaths.stay_id IS NOT NULL THEN 'died' END AS excluded,
           CASE WHEN definition.event = 'seen' THEN visits.first_visit <= definition.at_day
                ELSE stay.readmission_day <= definition.at_day END AS happened
    FROM measure_definition AS definition
    CROSS JOIN readmission AS stay
    JOIN person AS patient ON patient.patient_id = stay.patient_id
    LEFT JOIN deaths ON deaths.stay_id = stay.stay_id
    LEFT JOIN visits ON visits.stay_id = stay.stay_id
    WHERE definition.kind = 'stays'
)
SELECT measure, version, instrument_id, at_day, stay_id AS unit_id, observable, excluded,
       CASE WHEN observable AND excluded IS NULL AND happened THEN 1 ELSE 0 END AS events,
       CASE WHEN observable AND excluded IS NULL THEN 1 ELSE 0 END AS chances
FROM asked
