-- trauma_tracks: intensive outpatient starts in a named track, and whether post-traumatic stress was found at the start
-- grain: one row per episode_id
-- weakness: a track that was written down later than day 0 cannot be told from one chosen on day 0
--
-- Found: a baseline score at or above the cut-off of the scale (PCL-5) that the study follows, or diagnosis F43.1.
WITH scored AS (
    SELECT baseline.episode_id, MAX(CASE WHEN baseline.baseline_score >= scale.caseness_cut THEN 1 ELSE 0 END) AS above
    FROM baseline_scores AS baseline
    JOIN outcome_definition AS outcome ON outcome.outcome = baseline.outcome
    JOIN instrument AS scale ON scale.instrument_id = outcome.instrument_id
    WHERE outcome.instrument_id = 'PCL5'
    GROUP BY baseline.episode_id
)
SELECT episode.episode_id, LOWER(episode.track) AS track,
       COALESCE(scored.above = 1, FALSE) AS by_score,
       COALESCE(SUBSTRING(UPPER(REPLACE(episode.primary_dx, '.', '')), 1, 4) = 'F431', FALSE) AS by_diagnosis
FROM index_episodes AS episode
LEFT JOIN scored ON scored.episode_id = episode.episode_id
WHERE episode.level_of_care = 'IOP' AND episode.track IS NOT NULL
