-- known_deaths: the first day on which each person was known to have died
-- grain: one row per patient_id
-- weakness: a death learned of at a follow-up is dated by that contact, which may be weeks late
WITH told AS (
    SELECT episode.patient_id, ending.last_contact_day AS death_day
    FROM endings AS ending
    JOIN episodes AS episode ON episode.episode_id = ending.episode_id
    WHERE ending.ending = 'died'
    UNION ALL
    SELECT patient_id, contact_day AS death_day
    FROM staging.followups
    WHERE reached = 'died' OR NOT alive
)
SELECT patient_id, MIN(death_day) AS death_day
FROM told
GROUP BY patient_id
