"""C9: hours by kind of the first 28 days, and what their mix tells of improvement on records whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from pipeline.analysis.headline import headline
from pipeline.analysis.lacking import NO_IOP, NO_SCALE_NAMED
from pipeline.analysis.questions.modality_mix import (
    KINDS,
    ONE_KIND,
    TOO_FEW,
    ZERO,
    Mixed,
    mix_by_program,
    mix_of,
    modality_mix,
    raw_slope,
    slopes,
)
from pipeline.errors import NotEstimable
from tests.spec.asked import asked, claim, twin
from tests.spec.staged import built, like, staged, study_of
from tests.unit.analysis.made_records import made_records


def test_only_attended_hours_of_the_first_28_days_and_of_a_known_kind_make_the_mix():
    con = built(
        staged(
            sessions="""
        patient_id | level_of_care | service_day | status   | service_type | minutes_scheduled
        ann        | IOP           | 0           | attended | assessment   | 60
        ann        | IOP           | 1           | attended | group        | 180
        ann        | IOP           | 2           | no_show  | group        | 180
        ann        | IOP           | 27          | attended | group        | 120
        ann        | IOP           | 27          | attended | family       | 45
        ann        | IOP           | 28          | attended | individual   | 60
        bob        | OP            | 0           | attended | individual   | 60
        """
        ),
        "modality_hours",
    )
    found, expected = like(
        con,
        "modality_hours",
        """
        episode_id  | service_type | hours
        ann/P/IOP/0 | group        | 5.0
        ann/P/IOP/0 | family       | 0.75
        """,
    )
    assert found == expected


def mixed(seed, effect, sites=12, n=3000, confounded=0.0, lost=0.3):
    """A mix of three kinds; improvement changes by effect points per doubling of the first kind beside the others.

    confounded: severe people get more of the first kind and improve less; they are also measured less often.
    """
    rng = np.random.default_rng(seed)
    severe, site = rng.normal(size=n), rng.integers(0, sites, n)
    logs = rng.normal(size=(n, 3)) * 0.5 + np.array([1.5, 0.0, -0.5])
    logs[:, 0] += confounded * severe + 0.2 * (site % 3)
    doublings = (logs[:, 0] - logs[:, 1:].mean(axis=1)) / np.log(2)
    improvement = 5 - 2 * severe + 0.5 * (site % 3) + effect * doublings + 4 * rng.normal(size=n)
    seen = rng.random(n) < 1 - lost * (1 + 0.5 * np.tanh(severe))
    shares = np.exp(logs) / np.exp(logs).sum(axis=1, keepdims=True)
    return Mixed(("group", "individual", "family"), shares, np.where(seen, improvement, np.nan), severe[:, None], site)


@pytest.mark.parametrize("sites", [3, 12])
@pytest.mark.parametrize("effect", [0.0, 0.8])
def test_the_slope_is_found_where_there_is_one_and_not_where_there_is_none(effect, sites, tmp_path):
    found = slopes(mixed(1, effect, sites, confounded=0.8), study_of(), ZERO)
    assert found.kinds[0].low <= effect <= found.kinds[0].high
    assert (found.kinds[0].p < 0.05) == (effect > 0)
    assert ("these sites only" in found.note) == (sites < 6)


def test_raw_shares_call_the_confounded_mix_harmful_where_it_does_nothing():
    drawn = [mixed(seed, 0.0, confounded=0.8, n=1500) for seed in range(20)]
    answer = headline("C9", measure="slope_per_doubling")
    assert all(raw_slope(one, answer).high < 0 for one in drawn)
    found = [slopes(one, study_of(), ZERO).kinds[0] for one in drawn]
    assert abs(np.mean([one.estimate for one in found])) < 3 * 0.15 / np.sqrt(20)  # each spreads by .15
    assert sum(one.low <= 0 <= one.high for one in found) >= 16  # 19 expected


def test_one_kind_doubled_is_the_others_halved_so_the_slopes_of_all_kinds_add_up_to_nothing():
    found = slopes(mixed(3, 0.5), study_of(), ZERO)
    assert sum(one.estimate for one in found.kinds) == pytest.approx(0, abs=1e-9)


def test_the_order_of_the_kinds_changes_nothing():
    one = mixed(4, 0.5)
    other = Mixed(one.kinds[::-1], one.shares[:, ::-1], one.outcome, one.covariates, one.site)
    found, turned = slopes(one, study_of(), ZERO), slopes(other, study_of(), ZERO)
    assert [k.estimate for k in turned.kinds] == pytest.approx([k.estimate for k in found.kinds[::-1]])
    assert [k.se for k in turned.kinds] == pytest.approx([k.se for k in found.kinds[::-1]])
    assert turned.joint == pytest.approx(found.joint)


def test_the_joint_test_is_even_where_the_mix_tells_nothing():
    p = [slopes(mixed(seed, 0.0, n=800), study_of(), ZERO).joint for seed in range(40)]
    assert 0 <= np.mean(np.array(p) < 0.1) <= 0.25  # 4 expected of 40; more than 10 has a chance of 1 in 1,000
    assert slopes(mixed(1, 1.0), study_of(), ZERO).joint < 0.001


def people(n=200):
    frame = made_records(n=3 * n).people.head(n).assign(site="s", outcome=np.arange(n) % 7 + 0.0)
    return frame.reset_index(drop=True)


def test_where_sites_are_few_limits_count_therapists_who_give_their_people_alike_mixes_and_outcomes():
    """Three sites, 24 therapists: a therapist's mix and a therapist's luck are shared by their people."""
    rng = np.random.default_rng(8)
    n, therapist = 1200, np.arange(1200) % 24
    own, luck = rng.normal(size=24)[therapist], 2.0 * rng.normal(size=24)[therapist]
    here = made_records(n=4 * n).people.head(n).reset_index(drop=True)
    here = here.assign(site=[f"s{t % 3}" for t in therapist], program_id="p", outcome=5 + luck + 4 * rng.normal(size=n))
    hours_of = hours(n, individual=1).assign(group=4 * np.exp(own + 0.3 * rng.normal(size=n)))
    known, alone = (
        slopes(mix_of(one, hours_of, study_of(), None), study_of(), ZERO)
        for one in (here.assign(therapist_id=[f"t{t}" for t in therapist]), here)
    )
    assert known.note == "Holds for these sites only. Its limits count therapists, not people."
    assert "as if those of one therapist had nothing in common" in alone.note
    assert known.kinds[0].estimate == alone.kinds[0].estimate
    assert known.kinds[0].se > 1.5 * alone.kinds[0].se
    assert known.kinds[0].low < 0 < known.kinds[0].high


def hours(n=200, **kinds):
    return pd.DataFrame({kind: np.full(n, float(kinds.get(kind, 0))) for kind in KINDS})


def test_a_kind_that_hardly_anybody_had_is_left_out_and_the_largest_comes_first():
    some = hours(individual=1, group=8)
    some.loc[:5, "somatic"] = 1.0
    assert mix_of(people(), some, study_of(), None).kinds == ("group", "individual")


def test_one_kind_alone_and_too_few_measured_are_refused():
    with pytest.raises(NotEstimable) as one:
        mix_of(people(), hours(group=8), study_of(), None)
    assert str(one.value) == ONE_KIND
    with pytest.raises(NotEstimable) as few:
        mix_of(people().assign(outcome=np.nan), hours(group=8, family=1), study_of(), None)
    assert str(few.value) == TOO_FEW


def test_the_mix_of_a_program_is_that_of_its_hours_added_up():
    frame = pd.DataFrame({"program_id": ["a", "a", "b"]})
    points = list(
        mix_by_program(
            frame, pd.DataFrame({"group": [6.0, 2.0, 4.0], "family": [0.0, 2.0, 0.0]}), ("group", "family"), "id"
        )
    )
    assert [(p.series, p.label, p.y, p.n) for p in points] == [
        ("a", "group", 0.8, 2),
        ("a", "family", 0.2, 2),
        ("b", "group", 1, 1),
        ("b", "family", 0, 1),
    ]


@pytest.mark.parametrize(("study", "reason"), [(study_of(outcomes=[]), NO_SCALE_NAMED), (study_of(), NO_IOP)])
def test_records_without_a_scale_or_without_iop_are_refused(study, reason):
    rows = asked(modality_mix, built(staged(sessions="patient_id | level_of_care\nann | OP"), study=study), study)
    for row in (claim(rows), twin(rows)):
        assert (row.gate, row.estimate, row.reason) == ("withheld", None, reason)
