-- confounder_source: the one instrument per role that the whole study uses
-- grain: one row per role
-- weakness: people who were given only a later instrument of the list count as not recorded
--
-- The first instrument of the study's list that was recorded for anybody in the analysis set.
SELECT role, MIN(priority) AS priority
FROM confounder_readings
GROUP BY role
