-- interim_scores_by_choice: the last score of each outcome between the start and the outcome's window, under each way of choosing
-- grain: one row per episode_id, outcome and varied
-- weakness: taken on different days, and mostly from those still in care
--
-- After day 1 and the first score, before the window opens; in the recall variant of the baseline, never another.  It is no
-- outcome and no confounder: it tells who is measured later, and how those who are not were doing.
WITH candidates AS (
    SELECT baseline.episode_id, baseline.outcome, baseline.varied, outcome.higher_is, baseline.baseline_score, score.score,
           days_between(episode.start_day, score.assessed_day) AS day
    FROM baseline_scores_by_choice AS baseline
    JOIN index_episodes AS episode ON episode.episode_id = baseline.episode_id
    JOIN scoring AS outcome ON outcome.outcome = baseline.outcome AND outcome.varied = baseline.varied
    JOIN staging.assessments AS score
      ON score.patient_id = episode.patient_id AND score.instrument_id = outcome.instrument_id AND score.subscale = ''
     AND days_between(episode.start_day, score.assessed_day) > GREATEST(1, baseline.baseline_day)
     AND days_between(episode.start_day, score.assessed_day) < outcome.window_from
     AND COALESCE(baseline.recall_variant, '') = COALESCE(score.recall_variant, '')
),
ordered AS (
    SELECT candidates.*,
           ROW_NUMBER() OVER (PARTITION BY episode_id, outcome, varied ORDER BY day DESC NULLS LAST) AS place
    FROM candidates
)
SELECT episode_id, outcome, varied, day AS interim_day,
       ROUND(CASE WHEN higher_is = 'worse' THEN baseline_score - score ELSE score - baseline_score END, 6) AS interim_improvement
FROM ordered
WHERE place = 1
