-- cost_amounts: what was spent on each person of the analysis set from day 0 on, by day, at any level and program
-- grain: one row per episode_id and day
-- weakness: an amount written on the first day of its month can fall before day 0 and is then left out
--
-- Part of the index stay: the amount names its recorded episode, or names none and falls within its days.
SELECT episode.episode_id, days_between(episode.start_day, cost.service_day) AS day, SUM(cost.amount * kind.factor) AS amount,
       SUM(CASE WHEN cost.episode_id = episode.recorded_episode_id
                  OR (cost.episode_id IS NULL AND cost.service_day BETWEEN episode.start_day AND episode.last_day)
                THEN cost.amount * kind.factor ELSE CAST(0 AS DOUBLE) END) AS index_amount
FROM index_episodes AS episode
JOIN staging.costs AS cost ON cost.patient_id = episode.patient_id AND days_between(episode.start_day, cost.service_day) >= 0
JOIN cost_kinds AS kind
  ON kind.used AND kind.perspective = cost.perspective AND kind.amount_kind = cost.amount_kind AND kind.currency = cost.currency
 AND kind.price_year = cost.price_year
GROUP BY episode.episode_id, days_between(episode.start_day, cost.service_day)
