-- retention_contacts_by_gap: the last contact reached from day 0 without a silence, at any level and at the level started, by the gap allowed
-- grain: one row per person_no and gap_days
-- weakness: a contact outside the programs that export here is a silence
-- view: retention_set_by_gap alone reads it
--
-- One gap for all arms replaces the gaps that build episodes.  Withdrawal management and emergency visits are events, not contacts.
-- Care is covered to the latest day of all contacts so far, which never falls: the least day covered before a silence is the last one.
-- Whoever has one contact alone has no silence after it: only the others are put in order.
WITH contacts AS (
    SELECT episode.person_no, day.service_day, day.through_day, day.setting_no,
           CASE WHEN setting.level_of_care = episode.level_of_care THEN day.through_day END AS level_day
    FROM index_episodes AS episode
    JOIN service_days AS day ON day.person_no = episode.person_no AND day.through_day >= episode.start_day
    JOIN setting ON setting.setting_no = day.setting_no AND setting.sets_the_day
),
ended AS (
    SELECT person_no, MAX(through_day) AS covered_to, MAX(level_day) AS level_to, COUNT(*) AS contacts, MIN(setting_no) AS setting_no
    FROM contacts
    GROUP BY person_no
),
several AS (
    SELECT contacts.*
    FROM contacts
    JOIN ended ON ended.person_no = contacts.person_no AND ended.contacts > 1
),
spaced AS (
    SELECT person_no, service_day, level_day, MAX(through_day) OVER so_far AS covered_to, MAX(level_day) OVER so_far AS level_to
    FROM several
    WINDOW so_far AS (PARTITION BY person_no
                      ORDER BY service_day NULLS LAST, through_day NULLS LAST, setting_no NULLS LAST
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
silent AS (
    SELECT spaced.person_no, spaced.covered_to, spaced.level_to,
           days_between(spaced.covered_to, spaced.service_day) AS silence,
           CASE WHEN spaced.level_day IS NOT NULL THEN days_between(spaced.level_to, spaced.service_day) END AS level_silence
    FROM spaced
),
silences AS (
    SELECT silent.person_no, rule.gap_days,
           MIN(CASE WHEN silent.silence > rule.gap_days THEN silent.covered_to END) AS covered_to,
           MIN(CASE WHEN silent.level_silence > rule.gap_days THEN silent.level_to END) AS level_to
    FROM silent
    JOIN silence_rule AS rule ON GREATEST(silent.silence, COALESCE(silent.level_silence, 0)) > rule.gap_days
    GROUP BY silent.person_no, rule.gap_days
),
reached AS (
    SELECT ended.person_no, rule.gap_days, ended.contacts, ended.setting_no,
           COALESCE(silences.covered_to, ended.covered_to) AS last_contact_day, COALESCE(silences.level_to, ended.level_to) AS last_level_day
    FROM ended
    CROSS JOIN silence_rule AS rule
    LEFT JOIN silences ON silences.person_no = ended.person_no AND silences.gap_days = rule.gap_days
),
ordered AS (
    SELECT several.person_no, several.through_day, several.setting_no,
           ROW_NUMBER() OVER (PARTITION BY several.person_no, several.through_day
                              ORDER BY several.service_day DESC NULLS LAST, several.setting_no NULLS LAST) AS place
    FROM several
    JOIN (SELECT DISTINCT person_no, last_contact_day FROM reached WHERE contacts > 1) AS known
      ON known.person_no = several.person_no AND known.last_contact_day = several.through_day
)
SELECT reached.person_no, reached.gap_days, reached.last_contact_day, reached.last_level_day,
       COALESCE(ordered.setting_no, reached.setting_no) AS last_setting_no
FROM reached
LEFT JOIN ordered
       ON ordered.person_no = reached.person_no AND ordered.through_day = reached.last_contact_day AND ordered.place = 1
