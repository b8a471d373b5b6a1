"""The frames that simulations draw as arrays hold what ingest and the warehouse make of the same people's files."""

import duckdb
import numpy as np
import pytest

from pipeline.analysis.cohort import read_records
from pipeline.ingest.run import ingest
from pipeline.study_toml.file import load_study
from pipeline.synthetic.output.files import write_tables
from pipeline.synthetic.output.study_file import synthetic_study
from pipeline.synthetic.population import draw
from pipeline.synthetic.records.tables import records_of
from pipeline.synthetic.scenarios import SCENARIOS
from pipeline.warehouse.build import build
from tests.simulation.truth_records import ids, records_from, study_of

PEOPLE, SEED = 450, 7
WORLD = SCENARIOS["default"]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The same people as built from clean files, and as drawn: frames with one name for each person."""
    folder = tmp_path_factory.mktemp("drawn") / "study"
    drawn = draw(PEOPLE, np.random.default_rng(SEED), WORLD)
    tables, _ = records_of(drawn, "limited-data-set", np.random.default_rng(SEED + 1))
    write_tables(folder / "raw", tables, None)
    (folder / "study.toml").write_text(synthetic_study("study", "limited-data-set", SEED, WORLD.name))
    study = load_study(folder)
    with duckdb.connect() as con:
        ingest(study, con)
        build(con, study)
        built = read_records(con, study)
    named = dict(zip(tables["patients"]["patient_id"], ids(PEOPLE)[tables["patients"]["person"]], strict=True))
    arrays, _, _ = records_from(drawn, study_of(WORLD), np.random.default_rng(SEED + 1))
    return built, arrays, named


def of(frame, named, key="patient_id"):
    """The frame by person, in order of their names."""
    return frame.assign(who=frame[key].map(named)).set_index("who").sort_index()


def the_same(one, other):
    """Whether two columns hold the same wherever both hold something, which they mostly do."""
    both = (one.notna() & other.notna()).to_numpy()
    assert both.mean() > 0.2
    return (one[both].astype(str).to_numpy() == other[both].astype(str).to_numpy()).all()


def test_the_same_people_start_new_at_the_same_levels(both):
    built, arrays, named = both
    people, drawn = of(built.people, named), arrays.people.set_index("patient_id").sort_index()
    assert list(people.index) == list(drawn.index)
    for column in ("arm", "level_of_care", "baseline_modality"):
        assert the_same(people[column], drawn[column]), column


def test_what_was_known_on_day_0_is_the_same_wherever_it_was_written_down(both):
    built, arrays, named = both
    people, drawn = of(built.people, named), arrays.people.set_index("patient_id").sort_index()
    for column in ("sex", "race_ethnicity", "payer", "referral_source", "diagnosis_group", "housing", "sud", "trauma"):
        assert the_same(people[column], drawn[column]), column
    for column in ("prior_24h_care", "prior_episodes", "psychosis", "suicide_risk", "function_score"):
        assert the_same(people[column].astype(float), drawn[column].astype(float)), column


@pytest.mark.parametrize("outcome", ["phq9_day90", "gad7_day90", "pcl5_day90"])
def test_scores_at_the_start_and_at_day_90_and_what_they_come_to_are_the_same(both, outcome):
    built, arrays, named = both
    by_episode = dict(zip(built.people["episode_id"], built.people["patient_id"].map(named), strict=True))
    scores = of(built.scores[built.scores["outcome"] == outcome], by_episode, "episode_id")
    drawn = arrays.scores[arrays.scores["outcome"] == outcome].set_index("episode_id").sort_index()
    for column in ("baseline_score", "followup_score", "improvement", "reliably_improved"):
        assert the_same(scores[column].astype(float), drawn[column].astype(float)), column


def test_whoever_stayed_until_day_90_is_the_same_and_leaving_early_but_for_endings_nobody_wrote_down(both):
    built, arrays, named = both
    by_number = dict(zip(built.people["person"], built.people["patient_id"].map(named), strict=True))
    stayed = of(built.care_at[built.care_at["at_day"] == 90], by_number, "person")
    drawn = arrays.care_at.set_index("episode_id").sort_index()
    seen = stayed["observable"].astype(bool)
    assert (stayed["retained"] == drawn["retained"])[seen].all()
    assert (stayed["dropped_out"] == drawn["dropped_out"])[seen].mean() > 0.98
