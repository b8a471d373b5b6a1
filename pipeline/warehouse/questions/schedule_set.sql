-- schedule_set: for each outcome of each new start, whether the schedule is fully seen, and what a first crossing would have said
-- grain: one row per episode_id and outcome
-- weakness: the first crossing comes sooner the more often somebody is measured; it is kept only to show that
WITH by_then AS (
    SELECT score.episode_id, score.outcome, COUNT(score.day) AS scores_taken,
           MIN(CASE WHEN score.improved THEN score.day END) AS first_crossing_day
    FROM trajectory_scores AS score
    CROSS JOIN schedule
    WHERE score.day <= schedule.ask_day
    GROUP BY score.episode_id, score.outcome
)
SELECT episode.episode_id, outcome.outcome,
       COALESCE(days_between(episode.start_day, episode.observed_to_day) >= schedule.last_seen_day, FALSE) AS observable,
       COALESCE(by_then.scores_taken, 0) AS scores_taken,
       by_then.first_crossing_day
FROM index_episodes AS episode
CROSS JOIN outcome_definition AS outcome
CROSS JOIN schedule
LEFT JOIN by_then ON by_then.episode_id = episode.episode_id AND by_then.outcome = outcome.outcome
