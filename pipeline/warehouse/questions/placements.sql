-- placements: the level recommended at intake beside the level received
-- grain: one row per episode_id
-- weakness: nobody writes down when the recommendation was made; one written after the placement agrees with it by design
--
-- under: a less intensive level than recommended; over: a more intensive one.
SELECT episode.episode_id, episode.recommended_level, episode.level_of_care AS received_level,
       CASE WHEN received.intensity < recommended.intensity THEN 'under'
            WHEN received.intensity > recommended.intensity THEN 'over'
            ELSE 'matched' END AS placement
FROM index_episodes AS episode
JOIN level_rank AS received ON received.level_of_care = episode.level_of_care
JOIN level_rank AS recommended ON recommended.level_of_care = episode.recommended_level
WHERE recommended.intensity > 0
