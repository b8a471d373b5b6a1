-- level_evidence: how the level of care of the services became known
-- grain: one row per level_of_care and level_rule
-- weakness: counts services, not people
SELECT level_of_care, level_rule, COUNT(*) AS services,
       SUM(CASE WHEN minutes_imputed THEN 1 ELSE 0 END) AS services_imputed
FROM sessions
GROUP BY level_of_care, level_rule
