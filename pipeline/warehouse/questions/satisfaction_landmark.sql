-- satisfaction_landmark: an early score of satisfaction, who was still in care when the survey window closed, and how long they stayed
-- grain: one row per episode_id
-- weakness: the content answer more often and stay longer for reasons nobody recorded; this is never an effect
--
-- Landmark: the last day of the survey window.  In care then: a contact of the unbroken chain on that day or later; whoever
-- left before is not asked what came after, whatever they answered.  The first score in the window counts, none after it.
-- Late score: the last one at discharge or after the last contact, which only survivors of care give; it is the naive way.
WITH first_answer AS (
    SELECT answer.episode_id, MIN(answer.day) AS day
    FROM satisfaction_scores AS answer
    CROSS JOIN protocol
    WHERE answer.day BETWEEN protocol.survey_from AND protocol.survey_to
    GROUP BY answer.episode_id
),
stayed AS (
    SELECT episode.episode_id, care.last_contact, horizon.at_day AS horizon,
           COALESCE(days_between(episode.start_day, episode.observed_to_day) >= horizon.at_day + protocol.retention_gap_days, FALSE)
               AS observable
    FROM index_episodes AS episode
    JOIN retention_set AS care ON care.episode_id = episode.episode_id
    CROSS JOIN (SELECT MAX(at_day) AS at_day FROM retention_day) AS horizon
    CROSS JOIN protocol
),
late_answer AS (
    SELECT answer.episode_id, MAX(answer.day) AS day
    FROM satisfaction_scores AS answer
    JOIN stayed ON stayed.episode_id = answer.episode_id
    WHERE answer.occasion = 'discharge' OR answer.day >= stayed.last_contact
    GROUP BY answer.episode_id
)
SELECT stayed.episode_id, early.instrument_id, stayed.last_contact >= protocol.survey_to AS in_care, early.day AS survey_day,
       early.score AS survey_score, stayed.observable,
       CASE WHEN stayed.observable THEN LEAST(stayed.last_contact, stayed.horizon) END AS care_days,
       CASE WHEN stayed.observable AND stayed.last_contact >= protocol.survey_to
            THEN LEAST(stayed.last_contact, stayed.horizon) - protocol.survey_to END AS stayed_days,
       late.score AS late_score
FROM stayed
CROSS JOIN protocol
LEFT JOIN first_answer ON first_answer.episode_id = stayed.episode_id
LEFT JOIN satisfaction_scores AS early ON early.episode_id = first_answer.episode_id AND early.day = first_answer.day
LEFT JOIN late_answer ON late_answer.episode_id = stayed.episode_id
LEFT JOIN satisfaction_scores AS late ON late.episode_id = late_answer.episode_id AND late.day = late_answer.day
