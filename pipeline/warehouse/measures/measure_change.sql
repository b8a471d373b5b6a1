-- measure_change: for each measure of scores, who it is asked of and for whom it came true
-- grain: one row per measure, instrument_id, at_day and unit_id
-- weakness: where missing is failure, whoever was not measured again counts as if nothing had come true
-- view: measure_members alone reads it
--
-- More is worse on all of these scales.  At the cutoff is a case; a change of exactly the reliable change index counts.
-- A scale that nobody was measured with at the start has no rows: nothing can be counted of it.
WITH used AS (
    SELECT DISTINCT instrument_id FROM measure_scores
),
paired AS (
    SELECT definition.measure, definition.version, definition.instrument_id, definition.at_day, definition.event, definition.missing,
           definition.cases, definition.least_age, definition.rci, definition.caseness, definition.response_drop,
           definition.remission_below, started.episode_id, started.age, pair.baseline_score, pair.followup_score,
           ROUND(pair.baseline_score - pair.followup_score, 6) AS improvement,
           COALESCE(days_between(started.start_day, started.observed_to_day) >= definition.observe_days, FALSE) AS observable
    FROM measure_definition AS definition
    JOIN used ON used.instrument_id = definition.instrument_id
    CROSS JOIN analysis_set AS started
    LEFT JOIN measure_scores AS pair
           ON pair.episode_id = started.episode_id AND pair.instrument_id = definition.instrument_id
          AND pair.at_day = definition.at_day AND pair.window_from = definition.window_from AND pair.window_to = definition.window_to
          AND pair.pick = definition.pick
    WHERE definition.kind = 'scores'
),
judged AS (
    SELECT paired.*,
           CASE WHEN event = 'measured at the start' THEN NULL
                WHEN baseline_score IS NULL THEN 'no score at the start'
                WHEN cases AND baseline_score < caseness THEN 'no case at the start'
                WHEN age < least_age THEN 'too young'
                WHEN missing = 'observed' AND followup_score IS NULL THEN 'not measured again' END AS excluded,
           CASE event WHEN 'measured at the start' THEN baseline_score IS NOT NULL
                      WHEN 'measured again' THEN followup_score IS NOT NULL
                      WHEN 'reliably better' THEN improvement >= rci
                      WHEN 'reliably worse' THEN improvement <= -rci
                      WHEN 'recovered' THEN improvement >= rci AND baseline_score >= caseness AND followup_score < caseness
                      WHEN 'halved' THEN followup_score <= baseline_score * (1 - response_drop)
                      WHEN 'remitted' THEN followup_score < remission_below END AS happened
    FROM paired
)
SELECT measure, version, instrument_id, at_day, episode_id AS unit_id, observable, excluded,
       CASE WHEN observable AND excluded IS NULL AND happened THEN 1 ELSE 0 END AS events,
       CASE WHEN observable AND excluded IS NULL THEN 1 ELSE 0 END AS chances
FROM judged
