-- satisfaction_change: how each outcome changed between the early survey and its follow-up, for those who answered the survey
-- grain: one row per episode_id and outcome
-- weakness: the score before the survey may be days old; what changed before the survey is not counted as coming after it
--
-- Before: the last score on or before the survey day, from the baseline window on, in the baseline's variant of the form.
-- The last score of each variant is found first, person by person: joined by outcome and variant alone, everybody would meet everybody.
WITH earlier AS (
    SELECT survey.episode_id, survey.survey_day, outcome.outcome, outcome.higher_is, score.score,
           COALESCE(score.recall_variant, '') AS recall_variant,
           ROW_NUMBER() OVER (PARTITION BY survey.episode_id, outcome.outcome, COALESCE(score.recall_variant, '')
                              ORDER BY score.assessed_day DESC NULLS LAST) AS place
    FROM satisfaction_landmark AS survey
    JOIN index_episodes AS episode ON episode.episode_id = survey.episode_id
    JOIN staging.assessments AS score ON score.patient_id = episode.patient_id AND score.subscale = ''
    JOIN outcome_definition AS outcome ON outcome.instrument_id = score.instrument_id
    WHERE days_between(episode.start_day, score.assessed_day) BETWEEN outcome.baseline_from AND survey.survey_day
)
SELECT earlier.episode_id, earlier.outcome, earlier.score AS score_before, seen.followup_score,
       CASE WHEN earlier.higher_is = 'worse' THEN earlier.score - seen.followup_score
            ELSE seen.followup_score - earlier.score END AS improvement_after
FROM earlier
JOIN baseline_scores AS baseline
  ON baseline.episode_id = earlier.episode_id AND baseline.outcome = earlier.outcome
 AND COALESCE(baseline.recall_variant, '') = earlier.recall_variant
JOIN outcome_set_by_choice AS seen
  ON seen.episode_id = earlier.episode_id AND seen.outcome = earlier.outcome AND seen.varied = '' AND seen.observable
 AND seen.followup_day > earlier.survey_day
WHERE earlier.place = 1
