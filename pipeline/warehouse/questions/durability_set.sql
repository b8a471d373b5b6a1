-- durability_set: of everybody who started new, what was reached at the outcome's day and what is left of it half a year after the start
-- grain: one row per episode_id and outcome
-- weakness: NULL means not measured, which is neither remission nor relapse; stays elsewhere are not seen
--
-- Remission is a score below the scale's line.  Back in 24-hour care: a new residential or inpatient stay after the outcome's day
-- and by later_look.at_day, direct transfers being one stay.
WITH stays AS (
    SELECT patient_id, stay, MIN(start_day) AS start_day
    FROM stay_parts
    GROUP BY patient_id, stay
),
back AS (
    SELECT DISTINCT episode.episode_id, outcome.outcome
    FROM index_episodes AS episode
    CROSS JOIN outcome_definition AS outcome
    CROSS JOIN later_look AS look
    JOIN stays ON stays.patient_id = episode.patient_id
              AND days_between(episode.start_day, stays.start_day) > outcome.at_day
              AND days_between(episode.start_day, stays.start_day) <= look.at_day
)
SELECT scored.episode_id, scored.outcome, scored.baseline_score,
       COALESCE(scored.observed, FALSE) AS measured,
       CASE WHEN scored.observed THEN scored.improvement END AS improvement,
       scored.baseline_score < line.below AS remitted_at_start,
       CASE WHEN scored.observed THEN scored.followup_score < line.below END AS remitted,
       COALESCE(days_between(episode.start_day, episode.observed_to_day) >= look.window_to, FALSE) AS observable_later,
       CASE WHEN definition.higher_is = 'worse' THEN scored.baseline_score - later.later_score
            ELSE later.later_score - scored.baseline_score END AS later_improvement,
       later.later_score < line.below AS remitted_later,
       back.episode_id IS NOT NULL AS back_in_24h
FROM outcome_set AS scored
JOIN index_episodes AS episode ON episode.episode_id = scored.episode_id
JOIN outcome_definition AS definition ON definition.outcome = scored.outcome
CROSS JOIN later_look AS look
LEFT JOIN remission_line AS line ON line.outcome = scored.outcome
LEFT JOIN later_scores AS later ON later.episode_id = scored.episode_id AND later.outcome = scored.outcome
LEFT JOIN back ON back.episode_id = scored.episode_id AND back.outcome = scored.outcome
