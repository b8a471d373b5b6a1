-- satisfaction_change: how each outcome changed between the early survey and its follow-up, for those who answered the survey
-- grain: one row per episode_id and outcome
-- weakness: the score before the survey may be days old; what changed before the survey is not counted as coming after it
--
-- Before: the last score on or before the survey day, from the baseline window on, in the baseline's variant of the form.
WITH earlier AS (
    SELECT survey.episode_id, outcome.outcome, score.score, score.assessed_day,
           ROW_NUMBER() OVER (PARTITION BY survey.episode_id, outcome.outcome ORDER BY score.assessed_day DESC NULLS LAST) AS place
    FROM satisfaction_landmark AS survey
    JOIN index_episodes AS episode ON episode.episode_id = survey.episode_id
    CROSS JOIN outcome_definition AS outcome
    JOIN baseline_scores AS baseline ON baseline.episode_id = survey.episode_id AND baseline.outcome = outcome.outcome
    JOIN staging.assessments AS score
      ON score.patient_id = episode.patient_id AND score.instrument_id = outcome.instrument_id AND score.subscale = ''
     AND COALESCE(score.recall_variant, '') = COALESCE(baseline.recall_variant, '')
     AND days_between(episode.start_day, score.assessed_day) BETWEEN outcome.baseline_from AND survey.survey_day
)
SELECT earlier.episode_id, earlier.outcome, earlier.score AS score_before, followup.followup_score,
       CASE WHEN outcome.higher_is = 'worse' THEN earlier.score - followup.followup_score
            ELSE followup.followup_score - earlier.score END AS improvement_after
FROM earlier
JOIN outcome_definition AS outcome ON outcome.outcome = earlier.outcome
JOIN satisfaction_landmark AS survey ON survey.episode_id = earlier.episode_id
JOIN outcome_set AS seen ON seen.episode_id = earlier.episode_id AND seen.outcome = earlier.outcome AND seen.observable
JOIN followup_scores AS followup
  ON followup.episode_id = earlier.episode_id AND followup.outcome = earlier.outcome AND followup.followup_day > survey.survey_day
WHERE earlier.place = 1
