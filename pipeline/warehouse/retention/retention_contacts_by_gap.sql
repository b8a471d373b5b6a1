-- retention_contacts_by_gap: the last contact reached from day 0 without a silence, at any level and at the level started, by the gap allowed
-- grain: one row per episode_id, scope and gap_days
-- weakness: a contact outside the programs that export here is a silence
--
-- One gap for all arms replaces the gaps that build episodes.  Withdrawal management and emergency visits are events,
-- not contacts.
-- Care is covered to the latest day of all contacts so far, which never falls: the least day covered before a silence is the last one.
WITH contacts AS (
    SELECT episode.person_no, scope.in_level, day.service_day, day.through_day, day.setting_no
    FROM index_episodes AS episode
    JOIN service_days AS day ON day.person_no = episode.person_no AND day.through_day >= episode.start_day
    JOIN setting ON setting.setting_no = day.setting_no AND setting.sets_the_day
    JOIN (SELECT 0 AS in_level UNION ALL SELECT 1 AS in_level) AS scope
      ON scope.in_level = 0 OR setting.level_of_care = episode.level_of_care
),
spaced AS (
    SELECT contacts.*,
           MAX(through_day) OVER (PARTITION BY person_no, in_level
                                  ORDER BY service_day NULLS LAST, through_day NULLS LAST, setting_no NULLS LAST
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered_to
    FROM contacts
),
silences AS (
    SELECT spaced.person_no, spaced.in_level, rule.gap_days, MIN(spaced.covered_to) AS covered_to
    FROM spaced
    JOIN silence_rule AS rule ON days_between(spaced.covered_to, spaced.service_day) > rule.gap_days
    GROUP BY spaced.person_no, spaced.in_level, rule.gap_days
),
ended AS (
    SELECT person_no, in_level, MAX(through_day) AS covered_to FROM contacts GROUP BY person_no, in_level
),
ordered AS (
    SELECT contacts.person_no, contacts.in_level, contacts.through_day, contacts.setting_no,
           ROW_NUMBER() OVER (PARTITION BY contacts.person_no, contacts.in_level, contacts.through_day
                              ORDER BY contacts.service_day DESC NULLS LAST, contacts.setting_no NULLS LAST) AS place
    FROM contacts
    JOIN (SELECT person_no, in_level, covered_to FROM ended
          UNION
          SELECT person_no, in_level, covered_to FROM silences) AS known
      ON known.person_no = contacts.person_no AND known.in_level = contacts.in_level AND known.covered_to = contacts.through_day
),
reached AS (
    SELECT ended.person_no, ended.in_level, rule.gap_days, COALESCE(silences.covered_to, ended.covered_to) AS last_contact_day
    FROM ended
    CROSS JOIN silence_rule AS rule
    LEFT JOIN silences
           ON silences.person_no = ended.person_no AND silences.in_level = ended.in_level AND silences.gap_days = rule.gap_days
)
SELECT episode.episode_id, CASE WHEN reached.in_level = 1 THEN 'level started' ELSE 'any level' END AS scope, reached.gap_days, reached.last_contact_day,
       setting.level_of_care AS last_level, setting.program_id AS last_program_id
FROM ordered
JOIN setting ON setting.setting_no = ordered.setting_no
JOIN index_episodes AS episode ON episode.person_no = ordered.person_no
JOIN reached ON reached.person_no = ordered.person_no AND reached.in_level = ordered.in_level
            AND reached.last_contact_day = ordered.through_day
WHERE ordered.place = 1
