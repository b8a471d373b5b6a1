-- index_episodes: the first new start of each person at any compared level
-- grain: one row per patient_id
-- weakness: later new starts of the same person are left to sensitivity analyses
--
-- On one day the more intense level comes first, then program_id, then episode_id.
WITH ordered AS (
    SELECT starts.episode_id, starts.patient_id,
           ROW_NUMBER() OVER (PARTITION BY starts.patient_id
                              ORDER BY starts.start_day NULLS LAST, starts.intensity DESC NULLS LAST,
                                       starts.program_id NULLS LAST, starts.episode_id NULLS LAST) AS place
    FROM starts
    WHERE starts.washout_observable AND starts.washout_clean
)
SELECT episode.*, person.observed_from_day, person.observed_to_day
FROM ordered
JOIN episodes AS episode ON episode.episode_id = ordered.episode_id
JOIN person ON person.person_no = episode.person_no
WHERE ordered.place = 1
