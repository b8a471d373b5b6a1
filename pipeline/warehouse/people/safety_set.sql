-- safety_set: what went wrong within 30 and 90 days of each new start
-- grain: one row per episode_id and at_day
-- weakness: self-harm and emergency visits are known only from people who were reached and asked; a death that nobody wrote down is not seen
--
-- Known of those who answered at the contact of that window (the one named so; unnamed ones by day, 15 to 45 and 60 to 120);
-- a yes at an earlier window stays a yes.  Whoever was not reached then is unknown also after an earlier yes: to count only
-- those of the unreached who had said yes would overstate the share.  Moved up: a start of 24-hour care on day 1 to at_day after a start in day care.
-- Records that end within a month after a death end because of it: whoever died so is seen to at_day, or no death would count.
WITH horizon AS (
    SELECT 30 AS at_day, '30d' AS contact_window, 15 AS from_day, 45 AS to_day
    UNION ALL
    SELECT 90 AS at_day, '90d' AS contact_window, 60 AS from_day, 120 AS to_day
),
answers AS (
    SELECT episode.episode_id, horizon.at_day,
           MAX(CASE WHEN contact.self_harm IS NULL THEN NULL WHEN contact.self_harm THEN 1 ELSE 0 END) AS self_harm,
           MAX(CASE WHEN contact.ed_visit IS NULL THEN NULL WHEN contact.ed_visit THEN 1 ELSE 0 END) AS ed_visit
    FROM index_episodes AS episode
    CROSS JOIN horizon
    JOIN staging.followups AS contact
      ON contact.patient_id = episode.patient_id AND contact.control_outcome = '' AND contact.contact_day > episode.start_day
     AND (contact.window = horizon.contact_window
          OR (contact.window IS NULL
              AND days_between(episode.start_day, contact.contact_day) BETWEEN horizon.from_day AND horizon.to_day))
    GROUP BY episode.episode_id, horizon.at_day
),
told AS (
    SELECT episode.episode_id, horizon.at_day,
           CASE WHEN MAX(CASE WHEN answers.at_day = horizon.at_day THEN answers.self_harm END) IS NOT NULL
                THEN MAX(answers.self_harm) END AS self_harm,
           CASE WHEN MAX(CASE WHEN answers.at_day = horizon.at_day THEN answers.ed_visit END) IS NOT NULL
                THEN MAX(answers.ed_visit) END AS ed_visit
    FROM index_episodes AS episode
    CROSS JOIN horizon
    LEFT JOIN answers ON answers.episode_id = episode.episode_id AND answers.at_day <= horizon.at_day
    GROUP BY episode.episode_id, horizon.at_day
),
deaths AS (
    SELECT episode.episode_id, MIN(day) AS death_day
    FROM index_episodes AS episode
    JOIN (SELECT stay.patient_id, ending.last_contact_day AS day
          FROM episodes AS stay
          JOIN endings AS ending ON ending.episode_id = stay.episode_id
          WHERE ending.ending = 'died'
          UNION ALL
          SELECT patient_id, contact_day AS day
          FROM staging.followups
          WHERE control_outcome = '' AND (reached = 'died' OR NOT alive)) AS known
      ON known.patient_id = episode.patient_id
    WHERE known.day >= episode.start_day
    GROUP BY episode.episode_id
),
moves AS (
    SELECT episode.episode_id, MIN(later.start_day) AS moved_day
    FROM index_episodes AS episode
    JOIN episodes AS later
      ON later.patient_id = episode.patient_id AND later.is_24_hour AND later.start_day > episode.start_day
    WHERE NOT episode.is_24_hour
    GROUP BY episode.episode_id
)
SELECT told.episode_id, told.at_day,
       (protocol.seen_after AND COALESCE(days_between(episode.start_day, episode.observed_to_day) >= told.at_day, FALSE))
           OR COALESCE(days_between(episode.start_day, deaths.death_day) <= told.at_day
                       AND days_between(deaths.death_day, episode.observed_to_day) BETWEEN 0 AND 31, FALSE) AS observable,
       told.self_harm = 1 AS self_harm, told.ed_visit = 1 AS ed_visit,
       COALESCE(days_between(episode.start_day, deaths.death_day) <= told.at_day, FALSE) AS died,
       CASE WHEN NOT episode.is_24_hour
            THEN COALESCE(days_between(episode.start_day, moves.moved_day) <= told.at_day, FALSE) END AS moved_up
FROM told
JOIN index_episodes AS episode ON episode.episode_id = told.episode_id
LEFT JOIN deaths ON deaths.episode_id = told.episode_id
LEFT JOIN moves ON moves.episode_id = told.episode_id
CROSS JOIN protocol
