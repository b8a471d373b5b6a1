"""People who died before an outcome's window count in two other ways of making the answer: as not better, or with their
last score while alive; of a few deaths nothing is told."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.analysis.cohort import OtherChoices, died_unmeasured, people_asked, with_deaths
from pipeline.analysis.comparison.ways import counting_deaths
from pipeline.analysis.contrasts import contrasts
from pipeline.errors import NotEstimable
from tests.unit.analysis.made_records import made_records, study

LAST = -2.0  # improvement of the dead when they were last seen


def with_dead(records, share, arm="iop", day=40):
    """The records in which a share of an arm died unmeasured, and what is known of them."""
    mine = records.people.loc[records.people["arm"] == arm, "episode_id"]
    dead = mine.iloc[: round(share * len(mine))]
    gone = records.scores["episode_id"].isin(dead)
    scores = records.scores.assign(
        observable=records.scores["observable"].where(~gone, False),
        observed=records.scores["observed"].where(~gone, False),
        improvement=records.scores["improvement"].where(~gone, np.nan),
    )
    last = records.scores.loc[gone, ["episode_id", "outcome"]].assign(improvement=LAST)
    deaths = pd.DataFrame({"episode_id": dead, "death_day": day})
    none = records.scores.iloc[:0].assign(varied="")
    return replace(records, scores=scores), OtherChoices(none, records.care_at.iloc[:0].copy, last, none, deaths)


def asked_of(choices, kind):
    return next(
        one
        for one in contrasts(choices)
        if one.endpoint.kind == kind and one.endpoint.source and one.arm == "iop" and one.reference == "inpatient"
    )


@pytest.fixture(scope="module")
def choices(tmp_path_factory):
    return study(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def whole():
    return made_records(n=3000, sites=3)


def found(whole, choices, kind, share):
    records, other = with_dead(whole, share)
    return counting_deaths(asked_of(choices, kind), records, other, choices).estimate


def test_a_fifth_who_died_takes_a_fifth_from_the_share_who_are_better(whole, choices):
    contrast = asked_of(choices, "share")
    people, _ = people_asked(whole, contrast.endpoint, contrast.arms)
    better = people.loc[people["arm"] == "iop", "outcome"].mean()
    moved = found(whole, choices, "share", 0.4) - found(whole, choices, "share", 0.2)
    assert moved == pytest.approx(-0.2 * better, abs=0.05)


def test_in_a_mean_the_dead_count_with_their_last_score_while_alive(whole, choices):
    contrast = asked_of(choices, "score")
    people, _ = people_asked(whole, contrast.endpoint, contrast.arms)
    alive = people.loc[people["arm"] == "iop", "outcome"].mean()
    moved = found(whole, choices, "score", 0.4) - found(whole, choices, "score", 0.2)
    assert moved == pytest.approx(0.2 * (LAST - alive), abs=0.6)


def test_whoever_died_after_the_window_or_was_measured_in_it_is_as_before(whole, choices):
    contrast = asked_of(choices, "score")
    records, other = with_dead(whole, 0.2, day=contrast.endpoint.source.window[1] + 1)
    assert not died_unmeasured(records, other, contrast.endpoint).any()
    measured, _ = with_dead(whole, 0.0)
    assert not died_unmeasured(measured, with_dead(whole, 0.2)[1], contrast.endpoint)[whole.scores["observed"]].any()


def test_the_dead_of_another_scale_keep_what_is_known_of_that_scale(whole, choices):
    records, other = with_dead(whole, 0.2)
    endpoint = asked_of(choices, "share").endpoint
    nobody = pd.Series(False, index=records.scores.index)
    pd.testing.assert_frame_equal(with_deaths(records, other, endpoint, nobody).scores, records.scores)


@pytest.mark.parametrize("share", [0.0, 0.008])
def test_of_few_deaths_or_where_none_is_recorded_no_such_answer_is_made(whole, choices, share):
    with pytest.raises(NotEstimable, match="too few people are known to have died"):
        found(whole, choices, "score", share)
