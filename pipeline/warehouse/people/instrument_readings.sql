-- instrument_readings: every reading of suicide risk and functioning, by each instrument that the study names for it
-- grain: one row per patient_id, role, priority and assessed_day
-- weakness: an unanswered item is never filled in
WITH readings AS (
    SELECT score.patient_id, wanted.role, wanted.priority,
           wanted.instrument_id || CASE WHEN wanted.item = '' THEN '' ELSE ':' || wanted.item END AS source,
           score.assessed_day,
           CASE wanted.item WHEN '' THEN score.score
                WHEN 'item_1' THEN score.item_1 WHEN 'item_2' THEN score.item_2 WHEN 'item_3' THEN score.item_3 WHEN 'item_4' THEN score.item_4
                WHEN 'item_5' THEN score.item_5 WHEN 'item_6' THEN score.item_6 WHEN 'item_7' THEN score.item_7 WHEN 'item_8' THEN score.item_8
                WHEN 'item_9' THEN score.item_9 WHEN 'item_10' THEN score.item_10 WHEN 'item_11' THEN score.item_11 WHEN 'item_12' THEN score.item_12
                WHEN 'item_13' THEN score.item_13 WHEN 'item_14' THEN score.item_14 WHEN 'item_15' THEN score.item_15 WHEN 'item_16' THEN score.item_16
                WHEN 'item_17' THEN score.item_17 WHEN 'item_18' THEN score.item_18 WHEN 'item_19' THEN score.item_19 WHEN 'item_20' THEN score.item_20
                WHEN 'item_21' THEN score.item_21 WHEN 'item_22' THEN score.item_22 WHEN 'item_23' THEN score.item_23 WHEN 'item_24' THEN score.item_24
                WHEN 'item_25' THEN score.item_25 WHEN 'item_26' THEN score.item_26 WHEN 'item_27' THEN score.item_27 WHEN 'item_28' THEN score.item_28
                WHEN 'item_29' THEN score.item_29 WHEN 'item_30' THEN score.item_30 WHEN 'item_31' THEN score.item_31 WHEN 'item_32' THEN score.item_32
                WHEN 'item_33' THEN score.item_33 WHEN 'item_34' THEN score.item_34 WHEN 'item_35' THEN score.item_35 WHEN 'item_36' THEN score.item_36 END AS value
    FROM staging.assessments AS score
    JOIN confounder_instrument AS wanted ON wanted.instrument_id = score.instrument_id AND score.subscale = ''
)
SELECT patient_id, role, priority, source, assessed_day, value
FROM readings
WHERE value IS NOT NULL
