-- measure_cells: how many of each measure's people, and what came true of them, wherever all that divides them is alike
-- grain: one row per measure, instrument_id, at_day, arm, site, payer, race_ethnicity, period and month
-- weakness: who is who within a cell is not kept: a division by anything else needs a column here
--
-- Whoever started at no compared level is in no cell.  Squares and products are what rates of visits need for their limits.
-- A period is complete when the whole of it lies far enough back; where days have no calendar, when nobody in it ends too early.
WITH cells AS (
    SELECT measure, instrument_id, at_day, arm, site, payer, race_ethnicity, period, month,
           MIN(period_too_late) AS period_too_late, MIN(month_too_late) AS month_too_late,
           MIN(CASE WHEN observable THEN 1 ELSE 0 END) AS all_seen, SUM(CASE WHEN in_denominator THEN 1 ELSE 0 END) AS people,
           SUM(events) AS events, SUM(chances) AS chances, SUM(events * events) AS events_squared,
           SUM(events * chances) AS events_chances, SUM(chances * chances) AS chances_squared
    FROM measure_members
    GROUP BY measure, instrument_id, at_day, arm, site, payer, race_ethnicity, period, month
),
told AS (
    SELECT cells.*,
           CASE WHEN period_too_late IS NOT NULL THEN period < period_too_late
                WHEN month IS NULL AND period IS NOT NULL
                THEN MIN(all_seen) OVER (PARTITION BY measure, instrument_id, at_day, period) = 1 END AS period_complete,
           COALESCE(month < month_too_late, FALSE) AS month_complete
    FROM cells
)
SELECT measure, instrument_id, at_day, arm, site, payer, race_ethnicity, period, month, period_complete, month_complete, people,
       events, chances, events_squared, events_chances, chances_squared
FROM told
WHERE arm IS NOT NULL
