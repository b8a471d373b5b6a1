-- cost_days: what was spent on each person of the analysis set within each span of days from day 0, later care included
-- grain: one row per episode_id and ends
-- weakness: a span in which nothing was spent has no row; whether it was observed at all stands in cost_set
--
-- A span of 90 days holds day 0 to day 89.
SELECT spent.episode_id, span.ends, SUM(spent.amount) AS amount
FROM cost_amounts AS spent
JOIN cost_interval AS span ON spent.day >= span.starts AND spent.day < span.ends
GROUP BY spent.episode_id, span.ends
