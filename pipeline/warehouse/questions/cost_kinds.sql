-- cost_kinds: every sort of amount in the records, and which of them the study's one analysis of cost may add up
-- grain: one row per perspective, amount_kind, currency and price_year
-- weakness: an amount is taken to be what its kind says; a charge labeled paid is not noticed
--
-- Used: of the study's perspective, and of its kind and currency where it names them; all of one kind and one currency; and
-- all of one price year, or each brought to the chosen year by its factor.  Otherwise nothing is used, never a part of it.
WITH kinds AS (
    SELECT perspective, amount_kind, currency, price_year, COUNT(*) AS amounts
    FROM staging.costs
    GROUP BY perspective, amount_kind, currency, price_year
),
asked AS (
    SELECT kinds.perspective, kinds.amount_kind, kinds.currency, kinds.price_year, kinds.amounts, protocol.cost_price_year,
           CASE WHEN protocol.cost_price_year = 0 THEN CAST(1 AS DOUBLE) ELSE price.factor END AS factor,
           kinds.perspective = protocol.cost_perspective
               AND (protocol.cost_kind = '' OR kinds.amount_kind = protocol.cost_kind)
               AND (protocol.cost_currency = '' OR kinds.currency = protocol.cost_currency) AS asked
    FROM kinds
    CROSS JOIN protocol
    LEFT JOIN price_factor AS price ON price.price_year = kinds.price_year
),
mixed AS (
    SELECT COUNT(DISTINCT amount_kind) > 1 OR COUNT(DISTINCT currency) > 1
               OR COUNT(DISTINCT CASE WHEN cost_price_year = 0 THEN price_year END) > 1
               OR COUNT(factor) < COUNT(*) AS mixed
    FROM asked
    WHERE asked.asked
)
SELECT asked.perspective, asked.amount_kind, asked.currency, asked.price_year, CAST(asked.amounts AS INTEGER) AS amounts, asked.asked,
       asked.factor, asked.asked AND NOT mixed.mixed AS used
FROM asked
CROSS JOIN mixed
