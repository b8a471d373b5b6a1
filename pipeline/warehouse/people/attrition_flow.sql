-- attrition_flow: from everybody with a record to the analysis set, one reason per step
-- grain: one row per step and arm
-- weakness: people who left before a compared level was reached belong to no arm
WITH arms AS (
    SELECT DISTINCT arm FROM arm_level
),
steps AS (
    SELECT 0 AS step, '' AS arm, 'people in the records' AS sentence
    UNION ALL
    SELECT 1 AS step, '' AS arm, 'left out: no attended service and no stay is recorded' AS sentence
    UNION ALL
    SELECT 2 AS step, '' AS arm, 'left out: never at a compared level of care, or at a level that nobody could tell' AS sentence
    UNION ALL
    SELECT 3 AS step, arms.arm, 'left out: their records begin too late to tell a new start from care that was already going on'
           AS sentence
    FROM arms
    UNION ALL
    SELECT 4 AS step, arms.arm,
           'left out: in care at a compared level within ' || CAST(protocol.washout_days AS STRING) || ' days before every start'
           AS sentence
    FROM arms
    CROSS JOIN protocol
    UNION ALL
    SELECT 5 AS step, arms.arm, 'people who started new at a compared level of care' AS sentence
    FROM arms
),
counted AS (
    SELECT steps.step, steps.arm, steps.sentence,
           SUM(CASE WHEN people.left_at_step > steps.step OR people.left_at_step = 5 THEN 1 ELSE 0 END) AS n_left,
           SUM(CASE WHEN people.left_at_step = steps.step AND steps.step < 5 THEN 1 ELSE 0 END) AS n_removed
    FROM steps
    LEFT JOIN attrition_people AS people ON steps.arm = '' OR people.arm = steps.arm
    GROUP BY steps.step, steps.arm, steps.sentence
)
SELECT step, sentence, arm, CAST(n_left AS BIGINT) AS n_left, CAST(n_removed AS BIGINT) AS n_removed
FROM counted
