-- episode_match: the recorded episode from which a derived one takes its attributes and its ending
-- grain: one row per episode_id
-- weakness: a recorded episode without an end claims every later unnamed service of its person
--
-- The recorded episode of the same person that shares most service days: services that name it, or, where they name
-- none, days within it.  Ties: same program, then earlier start, then recorded episode_id.
WITH served AS (
    SELECT derived.episode_id, session.patient_id, session.service_day, recorded.episode_id AS named_id
    FROM sessions AS session
    JOIN derived_episodes AS derived
      ON derived.patient_id = session.patient_id AND derived.program_id = session.program_id
     AND derived.level_of_care = session.level_of_care
     AND session.service_day BETWEEN derived.start_day AND derived.last_day
    LEFT JOIN recorded_episodes AS recorded
      ON recorded.episode_id = session.recorded_episode_id AND recorded.patient_id = session.patient_id
    WHERE session.attended
),
shared AS (
    SELECT DISTINCT episode_id, service_day, named_id AS recorded_id FROM served WHERE named_id IS NOT NULL
    UNION
    SELECT served.episode_id, served.service_day, recorded.episode_id AS recorded_id
    FROM served
    JOIN recorded_episodes AS recorded
      ON recorded.patient_id = served.patient_id
     AND served.service_day BETWEEN recorded.start_day AND COALESCE(recorded.last_day, served.service_day)
    WHERE served.named_id IS NULL
),
stays AS (
    SELECT derived.episode_id, recorded.episode_id AS recorded_id,
           days_between(recorded.start_day, COALESCE(recorded.last_day, recorded.start_day)) + 1 AS days
    FROM recorded_stays AS stay
    JOIN recorded_episodes AS recorded
      ON recorded.patient_id = stay.patient_id AND recorded.program_id = stay.program_id
     AND recorded.level_of_care = stay.level_of_care AND recorded.start_day = stay.start_day
    JOIN derived_episodes AS derived
      ON derived.patient_id = stay.patient_id AND derived.program_id = stay.program_id
     AND derived.level_of_care = stay.level_of_care
     AND stay.start_day BETWEEN derived.start_day AND derived.last_day
),
counted AS (
    SELECT episode_id, recorded_id, SUM(days) AS shared_days
    FROM (SELECT episode_id, recorded_id, COUNT(*) AS days FROM shared GROUP BY episode_id, recorded_id
          UNION ALL
          SELECT episode_id, recorded_id, days FROM stays) AS both_ways
    GROUP BY episode_id, recorded_id
),
ordered AS (
    SELECT counted.episode_id, counted.recorded_id, counted.shared_days,
           ROW_NUMBER() OVER (PARTITION BY counted.episode_id
                              ORDER BY counted.shared_days DESC NULLS LAST,
                                       CASE WHEN recorded.program_id = derived.program_id THEN 0 ELSE 1 END NULLS LAST,
                                       recorded.start_day NULLS LAST, counted.recorded_id NULLS LAST) AS place
    FROM counted
    JOIN recorded_episodes AS recorded ON recorded.episode_id = counted.recorded_id
    JOIN derived_episodes AS derived ON derived.episode_id = counted.episode_id
)
SELECT episode_id, recorded_id AS recorded_episode_id, shared_days
FROM ordered
WHERE place = 1
