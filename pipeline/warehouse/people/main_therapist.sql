-- main_therapist: whom a person saw most often in the index episode
-- grain: one row per episode_id
-- weakness: a team that shares its patients looks like one therapist
--
-- Attended services of that program that name a therapist; of two seen equally often the one seen first, then the smaller code.
-- No row: no service names anybody.
WITH seen AS (
    SELECT episode.episode_id, session.therapist_id,
           COUNT(*) AS services, MIN(session.service_day) AS first_day
    FROM index_episodes AS episode
    JOIN sessions AS session
      ON session.patient_id = episode.patient_id AND session.program_id = episode.program_id
     AND session.service_day BETWEEN episode.start_day AND episode.last_day
    WHERE session.attended AND session.therapist_id IS NOT NULL
    GROUP BY episode.episode_id, session.therapist_id
),
ordered AS (
    SELECT episode_id, therapist_id, services,
           ROW_NUMBER() OVER (PARTITION BY episode_id
                              ORDER BY services DESC NULLS LAST, first_day NULLS LAST, therapist_id NULLS LAST) AS place
    FROM seen
)
SELECT episode_id, therapist_id, services
FROM ordered
WHERE place = 1
