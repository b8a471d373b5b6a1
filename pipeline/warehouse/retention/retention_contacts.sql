-- retention_contacts: the last contact reached from day 0 without a silence, at any level and at the level started
-- grain: one row per episode_id and scope
-- weakness: a contact outside the programs that export here is a silence
SELECT contact.episode_id, contact.scope, contact.last_contact_day, contact.last_level, contact.last_program_id
FROM retention_contacts_by_gap AS contact
JOIN protocol ON protocol.retention_gap_days = contact.gap_days
