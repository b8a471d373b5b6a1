-- measure_cells: how many of each measure's people, and what came true of them, wherever all that divides them is alike
-- grain: one row per measure, instrument_id, at_day, arm, site, payer, race_ethnicity, period and month
-- weakness: who is who within a cell is not kept: a division by anything else needs a column here
--
-- Whoever started at no compared level is in no cell.  Squares and products are what rates of visits need for their limits.
SELECT measure, instrument_id, at_day, arm, site, payer, race_ethnicity, period, month,
       MIN(CASE WHEN period_complete THEN 1 WHEN NOT period_complete THEN 0 END) = 1 AS period_complete,
       MIN(CASE WHEN month_complete THEN 1 WHEN NOT month_complete THEN 0 END) = 1 AS month_complete,
       SUM(CASE WHEN in_denominator THEN 1 ELSE 0 END) AS people,
       SUM(events) AS events, SUM(chances) AS chances, SUM(events * events) AS events_squared,
       SUM(events * chances) AS events_chances, SUM(chances * chances) AS chances_squared
FROM measure_members
WHERE arm IS NOT NULL
GROUP BY measure, instrument_id, at_day, arm, site, payer, race_ethnicity, period, month
