-- measure_scores: the score at the start and the later score of each person, for every window that a measure asks for
-- grain: one row per episode_id, instrument_id, at_day, window_from, window_to and pick
-- weakness: people without a score at the start have no row, whatever was measured later
--
-- At the start: the score nearest day 0 within the study's window, the earlier on ties.  Later: the one nearest the day, the earlier
-- on ties, or the latest in the window; in the recall variant of the start, never another.
WITH scores AS (
    SELECT episode.episode_id, score.instrument_id, score.score, score.recall_variant,
           days_between(episode.start_day, score.assessed_day) AS day
    FROM index_episodes AS episode
    JOIN staging.assessments AS score ON score.patient_id = episode.patient_id AND score.subscale = ''
),
starting AS (
    SELECT scores.*,
           ROW_NUMBER() OVER (PARTITION BY scores.episode_id, scores.instrument_id
                              ORDER BY ABS(scores.day) NULLS LAST, scores.day NULLS LAST) AS place
    FROM scores
    CROSS JOIN protocol
    WHERE scores.day BETWEEN protocol.baseline_from AND protocol.baseline_to
),
asked AS (
    SELECT DISTINCT starting.episode_id, starting.instrument_id, starting.score AS baseline_score, starting.recall_variant,
           definition.at_day, definition.window_from, definition.window_to, definition.pick
    FROM starting
    JOIN measure_definition AS definition ON definition.instrument_id = starting.instrument_id AND definition.kind = 'scores'
    WHERE starting.place = 1
),
later AS (
    SELECT asked.episode_id, asked.instrument_id, asked.at_day, asked.window_from, asked.window_to, asked.pick, scores.score,
           ROW_NUMBER() OVER (PARTITION BY asked.episode_id, asked.instrument_id, asked.at_day, asked.window_from, asked.window_to,
                                           asked.pick
                              ORDER BY CASE WHEN asked.pick = 'latest' THEN -scores.day ELSE ABS(scores.day - asked.at_day) END
                                       NULLS LAST, scores.day NULLS LAST) AS place
    FROM asked
    JOIN scores ON scores.episode_id = asked.episode_id AND scores.instrument_id = asked.instrument_id
               AND scores.day BETWEEN asked.window_from AND asked.window_to
               AND COALESCE(scores.recall_variant, '') = COALESCE(asked.recall_variant, '')
)
SELECT asked.episode_id, asked.instrument_id, asked.at_day, asked.window_from, asked.window_to, asked.pick,
       asked.baseline_score, later.score AS followup_score
FROM asked
LEFT JOIN later ON later.episode_id = asked.episode_id AND later.instrument_id = asked.instrument_id AND later.at_day = asked.at_day
               AND later.window_from = asked.window_from AND later.window_to = asked.window_to AND later.pick = asked.pick
               AND later.place = 1
