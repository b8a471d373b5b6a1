-- cost_set: for how many days the costs of each person of the analysis set are known, and what the index stay alone cost
-- grain: one row per episode_id
-- weakness: whoever has not one amount is taken for not linked to the payer's records, though some care is free
--
-- Known from day 0 to the last observed day or to death, after which nothing more can be spent.  Whoever has no amount at
-- all after attending on day 0 has unknown costs, which is not the same as none.
-- Possible days: from day 0 to the end of all data, where there is one calendar; whoever starts later could not be followed
-- for longer, whatever became of them.
WITH spent AS (
    SELECT episode_id, SUM(index_amount) AS index_amount
    FROM cost_amounts
    GROUP BY episode_id
),
deaths AS (
    SELECT patient_id, MIN(day) AS death_day
    FROM (SELECT episode.patient_id, ending.last_contact_day AS day
          FROM endings AS ending
          JOIN episodes AS episode ON episode.episode_id = ending.episode_id
          WHERE ending.ending = 'died'
          UNION ALL
          SELECT patient_id, contact_day AS day FROM staging.followups WHERE reached = 'died' OR NOT alive) AS told
    GROUP BY patient_id
),
data_end AS (
    SELECT CASE WHEN MAX(CASE WHEN protocol.calendar THEN 1 ELSE 0 END) = 1 THEN MAX(person.observed_to_day) END AS last_day
    FROM person
    CROSS JOIN protocol
),
followed AS (
    SELECT episode.episode_id, days_between(episode.start_day, data_end.last_day) + 1 AS possible_days, spent.index_amount, spent.episode_id IS NOT NULL AS linked,
           COALESCE(days_between(episode.start_day, episode.observed_to_day) + 1, 0) AS observed_days,
           days_between(episode.start_day, death.death_day) + 1 AS days_to_death
    FROM index_episodes AS episode
    CROSS JOIN data_end
    LEFT JOIN spent ON spent.episode_id = episode.episode_id
    LEFT JOIN deaths AS death ON death.patient_id = episode.patient_id AND death.death_day >= episode.start_day
)
SELECT episode_id, linked,
       CASE WHEN linked THEN LEAST(observed_days, COALESCE(days_to_death, observed_days)) ELSE 0 END AS known_days,
       linked AND COALESCE(days_to_death <= observed_days, FALSE) AS died,
       possible_days, index_amount
FROM followed
