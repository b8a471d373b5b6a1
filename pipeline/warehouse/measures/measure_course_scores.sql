-- measure_course_scores: first and last score of each person's first course of treatment, on the scales that judge courses
-- grain: one row per episode_id, instrument_id and window_to
-- weakness: the last score is carried forward to the end of the course, however early in it it was taken
--
-- The last score is taken after the first and at most window_to days after the last contact.  Recall variants are not mixed.
WITH scales AS (
    SELECT instrument_id, window_to FROM measure_definition WHERE kind = 'course'
    UNION
    SELECT other_instrument_id AS instrument_id, window_to FROM measure_definition WHERE kind = 'course'
),
scores AS (
    SELECT episode.episode_id, scales.instrument_id, scales.window_to, score.score, COALESCE(score.recall_variant, '') AS recall_variant,
           days_between(episode.start_day, score.assessed_day) AS day, days_between(episode.last_day, score.assessed_day) AS after_end
    FROM index_episodes AS episode
    CROSS JOIN scales
    JOIN staging.assessments AS score
      ON score.patient_id = episode.patient_id AND score.instrument_id = scales.instrument_id AND score.subscale = ''
),
starting AS (
    SELECT scores.*,
           ROW_NUMBER() OVER (PARTITION BY scores.episode_id, scores.instrument_id, scores.window_to
                              ORDER BY ABS(scores.day) NULLS LAST, scores.day NULLS LAST) AS place
    FROM scores
    CROSS JOIN protocol
    WHERE scores.day BETWEEN protocol.baseline_from AND protocol.baseline_to
),
ending AS (
    SELECT starting.episode_id, starting.instrument_id, starting.window_to, scores.score,
           ROW_NUMBER() OVER (PARTITION BY starting.episode_id, starting.instrument_id, starting.window_to
                              ORDER BY scores.day DESC NULLS LAST) AS place
    FROM starting
    JOIN scores ON scores.episode_id = starting.episode_id AND scores.instrument_id = starting.instrument_id
               AND scores.window_to = starting.window_to AND scores.recall_variant = starting.recall_variant
               AND scores.day > starting.day AND scores.after_end <= starting.window_to
    WHERE starting.place = 1
)
SELECT starting.episode_id, starting.instrument_id, starting.window_to, starting.score AS first_score, ending.score AS last_score
FROM starting
LEFT JOIN ending ON ending.episode_id = starting.episode_id AND ending.instrument_id = starting.instrument_id
                AND ending.window_to = starting.window_to AND ending.place = 1
WHERE starting.place = 1
