-- episode_agreement: how often derived and recorded episodes say the same
-- grain: one row per what
-- weakness: a recorded end that is missing cannot disagree
WITH compared AS (
    SELECT episode.*
    FROM episodes AS episode
    WHERE episode.made_from = 'sessions'
),
sides AS (
    SELECT 1 AS line, 'level' AS what, 'derived and recorded level of care differ' AS sentence,
           COUNT(recorded_level) AS n_compared,
           SUM(CASE WHEN recorded_level <> level_of_care THEN 1 ELSE 0 END) AS n_differ
    FROM compared
    UNION ALL
    SELECT 2 AS line, 'start' AS what, 'first served day and recorded start differ' AS sentence,
           COUNT(recorded_start_day) AS n_compared,
           SUM(CASE WHEN recorded_start_day <> start_day THEN 1 ELSE 0 END) AS n_differ
    FROM compared
    UNION ALL
    SELECT 3 AS line, 'end' AS what, 'last served day and recorded end differ' AS sentence,
           COUNT(recorded_last_day) AS n_compared,
           SUM(CASE WHEN recorded_last_day <> last_day THEN 1 ELSE 0 END) AS n_differ
    FROM compared
    UNION ALL
    SELECT 4 AS line, 'recorded' AS what, 'no recorded episode shares a day with the derived one' AS sentence,
           COUNT(*) AS n_compared,
           SUM(CASE WHEN recorded_episode_id IS NULL THEN 1 ELSE 0 END) AS n_differ
    FROM compared
    UNION ALL
    SELECT 5 AS line, 'derived' AS what, 'no derived episode takes its attributes from the recorded one' AS sentence,
           COUNT(*) AS n_compared,
           SUM(CASE WHEN used.recorded_episode_id IS NULL THEN 1 ELSE 0 END) AS n_differ
    FROM recorded_episodes AS recorded
    LEFT JOIN (SELECT DISTINCT recorded_episode_id FROM episodes) AS used ON used.recorded_episode_id = recorded.episode_id
)
SELECT what, line, sentence, n_compared, COALESCE(n_differ, 0) AS n_differ
FROM sides
