-- scheduled_scores: the score nearest each mark of the common schedule
-- grain: one row per episode_id, outcome and mark
-- weakness: a mark without a score near it has no row, and those who stopped coming are not like the others
--
-- Each score belongs to its nearest mark, the earlier on ties, and scores nearest day 0 to none; of those of one mark the nearest
-- is taken, the earlier on ties, and the others are left aside, so that whoever is measured more often is not found better sooner.
WITH placed AS (
    SELECT score.episode_id, score.outcome, score.day, score.improvement, score.improved, schedule.every_days,
           CAST(FLOOR((score.day + schedule.early_half) / CAST(schedule.every_days AS DOUBLE)) AS INTEGER) AS mark
    FROM trajectory_scores AS score
    CROSS JOIN schedule
),
ordered AS (
    SELECT placed.*,
           ROW_NUMBER() OVER (PARTITION BY episode_id, outcome, mark
                              ORDER BY ABS(day - mark * every_days) NULLS LAST, day NULLS LAST) AS place
    FROM placed
    WHERE mark >= 1
)
SELECT episode_id, outcome, mark, day, improvement, improved
FROM ordered
WHERE place = 1
