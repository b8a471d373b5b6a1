"""Opioid-positive screens by planned week, from the published files: at least, because a clean screen leaves no row."""

import pytest

from tests.real.trials import needs_records

pytestmark = needs_records

BY_WEEK = """
WITH found AS (SELECT who, "when", MAX(CASE WHEN what = 'Opioid' THEN 1 ELSE 0 END) AS opioids FROM uds GROUP BY who, "when")
SELECT COUNT(*) AS kept, COUNT(found.opioids) AS anything_found, CAST(SUM(found.opioids) AS INTEGER) AS opioids_found
FROM visit
JOIN everybody USING (who)
LEFT JOIN found ON found.who = visit.who AND found."when" = visit."when"
WHERE visit.what = 'visit' AND project = ? AND visit.visit = ?
"""


@pytest.mark.parametrize(
    ("project", "week", "kept", "anything", "opioids"),
    [
        # visits kept, with anything found, with opioids found; counted over visit and uds
        ("27", "WK4", 975, 654, 388),
        ("27", "WK12", 818, 545, 285),
        ("27", "WK24", 868, 553, 275),
        ("51", "WK4", 410, 170, 47),
        ("51", "WK12", 263, 95, 19),
        ("51", "WK24", 371, 212, 83),
    ],
)
def test_opioids_were_found_on_at_least_this_many_kept_visits(published, project, week, kept, anything, opioids):
    assert published.execute(BY_WEEK, [project, week]).fetchall() == [(kept, anything, opioids)]


def test_people_who_stay_away_are_not_screened_so_the_share_depends_on_who_still_comes(published):
    # 546 people of project 51 had a first visit; fewer than half of them came in week 12, when the share looks lowest.
    [(week_0, _, _)] = published.execute(BY_WEEK, ["51", "WK0"]).fetchall()
    [(week_12, _, _)] = published.execute(BY_WEEK, ["51", "WK12"]).fetchall()
    assert week_12 < 0.55 * week_0
