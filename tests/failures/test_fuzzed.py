"""Eighty studies, each bent in up to three places: `check` answers every one in words (`make fuzz`: 10,000)."""

import pytest

from tests.failures.fuzz.attack import door_alone, lost, names_a_place, one, whole_command
from tests.failures.fuzz.bends import IN_ORDER

BATCH = 20
BATCHES = 4
WHOLE = 10  # every tenth goes through the whole command, all of them under `make fuzz`


@pytest.mark.parametrize("first", range(1, BATCH * BATCHES, BATCH))
def test_bent_studies_are_answered_in_words_with_nothing_lost_and_no_cell_said(first):
    found = [one(seed, door_alone if seed % WHOLE else whole_command) for seed in range(first, first + BATCH)]
    assert not [(bent.seed, bent.bends, bent.faults, bent.said) for bent in found if bent.faults]


def test_the_same_seed_bends_the_same_study(tmp_path):
    from tests.failures.fuzz.attack import attacked

    one_time, other = attacked(5, tmp_path / "a"), attacked(5, tmp_path / "b")
    assert (one_time.bends, one_time.code) == (other.bends, other.code)
    assert (tmp_path / "a/raw/patients.csv").read_bytes() == (tmp_path / "b/raw/patients.csv").read_bytes()


def test_every_bend_is_met_among_them():
    import random

    from tests.failures.fuzz.small_study import drawn

    met = set()
    for seed in range(1, BATCH * BATCHES + 1):
        rng = random.Random(seed)
        drawn(None, rng)
        met |= {IN_ORDER[place] for place in rng.sample(range(len(IN_ORDER)), rng.choice((1, 1, 1, 2, 3)))}
    assert met == set(IN_ORDER)


def test_the_fuzzer_would_notice_a_lost_row_and_a_refusal_without_a_place(tmp_path):
    books = '{"files": [{"file": "a.csv", "read": 3, "kept": 1, "quarantined": 1, "duplicates": 0, "forgotten": 0}]}'
    assert list(lost(books)) == ["a.csv lost rows"]
    assert not names_a_place(tmp_path, "something is wrong")
    assert names_a_place(tmp_path, "study.toml is wrong")
