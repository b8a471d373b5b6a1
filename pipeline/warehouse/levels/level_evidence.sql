-- level_evidence: how the level of care of the services became known
-- grain: one row per level_of_care and level_rule
-- weakness: counts services, not people
--
-- Read by people, not by a page: whoever maps a new export looks here first, at how much of it rests on hours or on the place.
SELECT level_of_care, level_rule, COUNT(*) AS services,
       SUM(CASE WHEN minutes_imputed THEN 1 ELSE 0 END) AS services_imputed
FROM sessions
GROUP BY level_of_care, level_rule
