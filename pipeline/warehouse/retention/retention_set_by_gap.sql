-- retention_set_by_gap: how long each person of the analysis set stayed in care, and how it ended, by the gap allowed
-- grain: one row per episode_id and gap_days
-- weakness: an ending is known only where the episode of the last contact has a discharge
--
-- Care ends with the last contact before the first silence longer than gap_days.  Whoever may still come back when
-- observation stops is in care, seen until gap_days before that.
-- An episode that goes on after the silence was interrupted: the person had dropped out.
-- care_days_latest is more than care_days where the last contact is known only as a range of days.
-- Whoever died in care has left it, also where the records end with the death: no silence is waited for.
-- last_contact and last_contact_in_level are days from day 0.
WITH measured AS (
    SELECT episode.episode_id, contact.gap_days, episode.person_no, contact.last_contact_day, setting.level_of_care, setting.program_id,
           days_between(episode.start_day, contact.last_contact_day) AS last_contact,
           days_between(episode.start_day, contact.last_level_day) AS last_contact_in_level,
           days_between(episode.start_day, episode.observed_to_day) - contact.gap_days AS seen_until
    FROM index_episodes AS episode
    JOIN retention_contacts_by_gap AS contact ON contact.person_no = episode.person_no
    JOIN setting ON setting.setting_no = contact.last_setting_no
),
ordered AS (
    SELECT measured.*, episode.last_day AS episode_last_day, episode.latest_day, ending.ending, ending.source,
           COALESCE(ending.source = 'discharge' AND ending.ending = 'died' AND episode.last_day <= measured.last_contact_day, FALSE)
               AS died,
           ROW_NUMBER() OVER (PARTITION BY measured.person_no, measured.gap_days
                              ORDER BY episode.last_day NULLS LAST, episode.episode_id NULLS LAST) AS place
    FROM measured
    LEFT JOIN episodes AS episode
           ON episode.person_no = measured.person_no AND episode.program_id = measured.program_id
          AND episode.level_of_care = measured.level_of_care
          AND measured.last_contact_day BETWEEN episode.start_day AND episode.last_day
    LEFT JOIN endings AS ending ON ending.episode_id = episode.episode_id
)
SELECT episode_id, gap_days, last_contact, last_contact_in_level, seen_until,
       COALESCE(seen_until >= 0, FALSE) OR died AS observable,
       CASE WHEN died THEN last_contact WHEN seen_until >= 0 THEN LEAST(last_contact, seen_until) END AS care_days,
       CASE WHEN died AND episode_last_day = last_contact_day THEN last_contact + days_between(episode_last_day, latest_day)
            WHEN died THEN last_contact
            WHEN seen_until >= 0 AND episode_last_day = last_contact_day
            THEN LEAST(last_contact + days_between(episode_last_day, latest_day), seen_until)
            WHEN seen_until >= 0 THEN LEAST(last_contact, seen_until) END AS care_days_latest,
       CASE WHEN died THEN 'died'
            WHEN seen_until < 0 THEN NULL
            WHEN last_contact > seen_until THEN 'in_care'
            WHEN episode_last_day > last_contact_day THEN 'dropped_out'
            WHEN source IN ('discharge', 'went on', 'came back') THEN ending
            ELSE 'unknown' END AS state
FROM ordered
WHERE place = 1
