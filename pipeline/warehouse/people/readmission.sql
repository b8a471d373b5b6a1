-- readmission: every 24-hour stay, and whether the person was back in 24-hour care within 30 days of leaving it
-- grain: one row per stay_id
-- weakness: readmission elsewhere is not seen, and a planned readmission counts like any other
--
-- Direct transfers are one stay.  A readmission starts on day 2 to 30.  Asked only of people who left alive, not for
-- other 24-hour care, and whose next 30 days were observable; not of stays whose end is a range of days, nor in a study that
-- sees nothing after a stay (protocol.seen_after).
WITH stays AS (
    SELECT patient_id, stay, MIN(start_day) AS start_day, MAX(last_day) AS discharge_day
    FROM stay_parts
    GROUP BY patient_id, stay
),
followed AS (
    SELECT stays.*,
           LEAD(start_day) OVER (PARTITION BY patient_id ORDER BY start_day NULLS LAST, stay NULLS LAST) AS next_start_day
    FROM stays
),
indexed AS (
    SELECT part.patient_id, part.stay
    FROM stay_parts AS part
    JOIN index_episodes AS episode ON episode.episode_id = part.episode_id
),
asked AS (
    SELECT last.episode_id AS stay_id, followed.patient_id, episode.level_of_care, episode.arm, episode.program_id, episode.site,
           followed.start_day, followed.discharge_day, ending.ending,
           days_between(followed.discharge_day, followed.next_start_day) AS next_start,
           COALESCE(ending.ending NOT IN ('died', 'in_care')
                    AND NOT ending.to_24_hour_care
                    AND days_between(followed.discharge_day, patient.observed_to_day) >= 30, FALSE) AS eligible,
           indexed.patient_id IS NOT NULL AS index_episode
    FROM followed
    JOIN stay_parts AS last
      ON last.patient_id = followed.patient_id AND last.stay = followed.stay AND last.place_from_end = 1
    JOIN episodes AS episode ON episode.episode_id = last.episode_id
    JOIN endings AS ending ON ending.episode_id = last.episode_id
    JOIN person AS patient ON patient.patient_id = followed.patient_id
    LEFT JOIN indexed ON indexed.patient_id = followed.patient_id AND indexed.stay = followed.stay
    CROSS JOIN protocol
    WHERE protocol.seen_after AND episode.latest_day = episode.last_day
)
SELECT stay_id, patient_id, level_of_care, arm, program_id, site, start_day, discharge_day, ending, eligible,
       CASE WHEN eligible THEN COALESCE(next_start BETWEEN 2 AND 30, FALSE) END AS readmitted_30,
       CASE WHEN eligible AND next_start BETWEEN 2 AND 30 THEN next_start END AS readmission_day,
       next_start AS next_stay_in,
       index_episode
FROM asked
