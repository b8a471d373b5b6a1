-- retention_contacts_by_gap: the last contact reached from day 0 without a silence, at any level and at the level started, by the gap allowed
-- grain: one row per episode_id, scope and gap_days
-- weakness: a contact outside the programs that export here is a silence
--
-- One gap for all arms replaces the gaps that build episodes.  Withdrawal management and emergency visits are events,
-- not contacts.
WITH contacts AS (
    SELECT episode.episode_id, scope.scope, day.service_day, day.through_day, day.setting_no
    FROM index_episodes AS episode
    JOIN service_days AS day ON day.person_no = episode.person_no AND day.through_day >= episode.start_day
    JOIN setting ON setting.setting_no = day.setting_no AND setting.sets_the_day
    JOIN (SELECT 'any level' AS scope UNION ALL SELECT 'level started' AS scope) AS scope
      ON scope.scope = 'any level' OR setting.level_of_care = episode.level_of_care
),
spaced AS (
    SELECT contacts.*,
           MAX(through_day) OVER (PARTITION BY episode_id, scope
                                  ORDER BY service_day NULLS LAST, through_day NULLS LAST, setting_no NULLS LAST
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered_to
    FROM contacts
),
silences AS (
    SELECT spaced.episode_id, spaced.scope, rule.gap_days, MIN(spaced.service_day) AS resumed_day
    FROM spaced
    JOIN silence_rule AS rule ON days_between(spaced.covered_to, spaced.service_day) > rule.gap_days
    GROUP BY spaced.episode_id, spaced.scope, rule.gap_days
),
ordered AS (
    SELECT spaced.*, rule.gap_days,
           ROW_NUMBER() OVER (PARTITION BY spaced.episode_id, spaced.scope, rule.gap_days
                              ORDER BY spaced.through_day DESC NULLS LAST, spaced.service_day DESC NULLS LAST,
                                       spaced.setting_no NULLS LAST) AS place
    FROM spaced
    CROSS JOIN silence_rule AS rule
    LEFT JOIN silences
           ON silences.episode_id = spaced.episode_id AND silences.scope = spaced.scope AND silences.gap_days = rule.gap_days
    WHERE silences.resumed_day IS NULL OR spaced.service_day < silences.resumed_day
)
SELECT ordered.episode_id, ordered.scope, ordered.gap_days, ordered.through_day AS last_contact_day,
       setting.level_of_care AS last_level, setting.program_id AS last_program_id
FROM ordered
JOIN setting ON setting.setting_no = ordered.setting_no
WHERE ordered.place = 1
