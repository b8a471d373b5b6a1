-- outcome_set_by_choice: each outcome of each person of the analysis set, measured or not, under each way of choosing the scores
-- grain: one row per episode_id, outcome and varied
-- weakness: an outcome is observed only where somebody measured it
--
-- Improvement is positive whatever the direction of the scale.  Reliable: at least the scale's reliable change index,
-- to six decimals: scores in tenths differ by a little more or less than the tenths they are apart.
-- Not improvable: too near the best score for a reliable improvement.
WITH paired AS (
    SELECT episode.episode_id, outcome.outcome, outcome.varied, outcome.rci, outcome.higher_is, outcome.best_score,
           baseline.baseline_score, baseline.baseline_day, followup.followup_score, followup.followup_day, followup.late,
           interim.interim_improvement, interim.interim_day,
           COALESCE(days_between(episode.start_day, episode.observed_to_day) >= outcome.window_to, FALSE) AS observable,
           ROUND(CASE WHEN outcome.higher_is = 'worse' THEN baseline.baseline_score - followup.followup_score
                      ELSE followup.followup_score - baseline.baseline_score END, 6) AS improvement
    FROM index_episodes AS episode
    CROSS JOIN scoring AS outcome
    LEFT JOIN baseline_scores_by_choice AS baseline
           ON baseline.episode_id = episode.episode_id AND baseline.outcome = outcome.outcome AND baseline.varied = outcome.varied
    LEFT JOIN followup_scores_by_choice AS followup
           ON followup.episode_id = episode.episode_id AND followup.outcome = outcome.outcome AND followup.varied = outcome.varied
    LEFT JOIN interim_scores_by_choice AS interim
           ON interim.episode_id = episode.episode_id AND interim.outcome = outcome.outcome AND interim.varied = outcome.varied
)
SELECT episode_id, outcome, varied, baseline_score, baseline_day, followup_score, followup_day, late,
       interim_improvement, interim_day, followup_score - baseline_score AS raw_change, improvement,
       observable,
       observable AND improvement IS NOT NULL AS observed,
       CASE WHEN observable THEN improvement >= rci END AS reliably_improved,
       CASE WHEN observable THEN improvement <= -rci END AS reliably_deteriorated,
       ROUND(ABS(baseline_score - best_score), 6) < rci AS not_improvable
FROM paired
