-- discharges: why care ended, where a missed visit says so; the gravest reason counts.  Nobody wrote down why a stay ended.
-- Jail or hospital explain one missed visit and end nothing.  Reasons beside attended visits are not read.
WITH stated AS (
    SELECT who,
           CASE WHEN COUNT(is_dead) > 0 THEN 'died'
                WHEN COUNT(is_moved) > 0 THEN 'moved_or_payer'
                WHEN COUNT(is_left_study) > 0 THEN 'dropped_out'
                WHEN COUNT(is_missing_14_consecutive) > 0 THEN 'terminated' END AS ending
    FROM visit
    WHERE what = 'no visit'
    GROUP BY who
),
kept AS (
    SELECT DISTINCT who FROM visit WHERE visit NOT IN ('BASELINE', 'Cross Active Study') AND what = 'visit'
)
SELECT 'E' || stated.who || '-OP' AS episode_id, stated.ending, CAST(NULL AS INTEGER) AS discharge_day
FROM stated
JOIN kept ON kept.who = stated.who
WHERE stated.ending IS NOT NULL
UNION ALL
SELECT 'E' || who || '-IP' AS episode_id, 'unknown' AS ending, CAST(CAST("when" AS DOUBLE) AS INTEGER) AS discharge_day
FROM detox
WHERE what = 'discharge' AND "when" IS NOT NULL
ORDER BY episode_id
