-- satisfaction_scores: every score of satisfaction or alliance from day 0 on, by the one instrument that is used
-- grain: one row per episode_id and day
-- weakness: whoever answers is seldom like whoever does not
--
-- Used: the first of the study's instruments that anybody answered in the survey window; two instruments are never mixed.
WITH answered AS (
    SELECT episode.episode_id, wanted.priority, wanted.instrument_id, score.score, score.occasion,
           days_between(episode.start_day, score.assessed_day) AS day
    FROM index_episodes AS episode
    CROSS JOIN satisfaction_instrument AS wanted
    JOIN staging.assessments AS score
      ON score.patient_id = episode.patient_id AND score.instrument_id = wanted.instrument_id AND score.subscale = ''
     AND days_between(episode.start_day, score.assessed_day) >= 0
),
used AS (
    SELECT MIN(answered.priority) AS priority
    FROM answered
    CROSS JOIN protocol
    WHERE answered.day BETWEEN protocol.survey_from AND protocol.survey_to
)
SELECT answered.episode_id, answered.day, answered.instrument_id, answered.score, answered.occasion
FROM answered
JOIN used ON used.priority = answered.priority
