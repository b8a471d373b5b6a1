"""C7 on records whose truth is known: the right amount, every wrong way beside it, and refusals where nothing can be
added up."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from pipeline.analysis.asking.run import check_results
from pipeline.analysis.comparison.like_for_like import compare
from pipeline.analysis.headline import Asking
from pipeline.analysis.questions.cost import cost
from pipeline.analysis.standing import begun
from pipeline.choices.asked import ComparisonChoices, Cost
from pipeline.results import NUMBERS, Diagnostic, FigurePoint, Result
from tests.unit.analysis.made_records import made_records, study

PERIOD, TRUE = (
    180,
    {"outpatient": -3000.0, "iop": -2000.0, "inpatient": 0.0},
)  # each arm's own cost, beside what people bring
KIND = ("payer", "paid", "USD", 2025)


def warehouse(records, cut=0.3, kinds=((*KIND, 1, True, 1.0, True),), seed=9):
    """The cost tables of these people: sicker people cost more, later care belongs to it, and cut of them are lost on a
    random day."""
    rng, people = np.random.default_rng(seed), records.people
    n, days = len(people), np.arange(30, PERIOD + 1, 30)
    sicker = (people["function_score"].to_numpy() - 20) / 5
    own = people["arm"].map(TRUE).to_numpy(dtype=float) + 8000 + 900 * sicker + 500 * rng.normal(size=n)
    early, slow = [0.9, 0.02, 0.02, 0.02, 0.02, 0.02], [0.3, 0.3, 0.1, 0.1, 0.1, 0.1]
    spread = np.where((people["arm"] == "inpatient").to_numpy()[:, None], early, slow)
    known = np.where(rng.random(n) < cut, rng.integers(1, PERIOD, n), 400)
    seen = known[:, None] >= days
    table = pd.DataFrame(
        {
            "episode_id": np.repeat(people["episode_id"].to_numpy(), 6),
            "ends": np.tile(days, n),
            "amount": (own[:, None] * spread).ravel(),
        }
    )[seen.ravel()]
    one = pd.DataFrame(
        {
            "episode_id": people["episode_id"],
            "linked": True,
            "known_days": known,
            "died": False,
            "possible_days": 400,
            "index_amount": own * spread[:, 0],
        }
    )
    con = duckdb.connect()
    used = any(kind[7] for kind in kinds)
    for name, frame in {
        "cost_set": one,
        "cost_days": table if used else table[:0],
        "cost_interval": pd.DataFrame({"ends": days}),
    }.items():
        con.register("made", frame)
        con.execute(f"CREATE TABLE {name} AS SELECT * FROM made")
    con.execute(
        "CREATE TABLE cost_kinds (perspective VARCHAR, amount_kind VARCHAR, currency VARCHAR, price_year INTEGER, "
        "amounts INTEGER, asked BOOLEAN, factor DOUBLE, used BOOLEAN)"
    )
    for kind in kinds:
        con.execute("INSERT INTO cost_kinds VALUES (?, ?, ?, ?, ?, ?, ?, ?)", kind)
    return con


def asked(tmp_path, records, con, answers=None, **changes):
    """The rows of C7; `answers` are those on the outcomes, where they are known already, because they take the longest."""
    chosen = study(tmp_path, cost=Cost(days=(90, PERIOD)), **changes)
    known = answered(records, chosen) if answers is None else answers
    return begun(cost(Asking(con, records, chosen, known))).to_the_end(0.99)


def answered(records, chosen):
    return [row for row in compare(records, chosen) if isinstance(row, Result)]


def of(rows, **wanted):
    return [
        row
        for row in rows
        if isinstance(row, Result) and all(getattr(row, key) == value for key, value in wanted.items())
    ]


@pytest.fixture(scope="module")
def records():
    return made_records(n=4000, effect=3.0)


@pytest.fixture(scope="module")
def rows(records, tmp_path_factory):
    return asked(tmp_path_factory.mktemp("study"), records, warehouse(records))


@pytest.fixture(scope="module")
def fewer(tmp_path_factory):
    """3,000 people and the answers on their outcomes."""
    made = made_records(n=3000)
    return made, answered(made, study(tmp_path_factory.mktemp("study")))


def test_the_longest_period_of_the_first_pair_is_the_one_answer(rows):
    [found] = of(rows, question="C7", analysis="claim")
    assert (found.arm, found.reference, found.day, found.unit) == ("iop", "inpatient", PERIOD, "USD")
    assert found.low < -2000 < found.high < 0
    assert found.verdict == "better"
    assert "The range is that of 99.0%, so that the verdicts of this study hold together." in found.note
    assert not any("hold together" in row.note for row in of(rows, question="C7") if row is not found)
    assert "amounts paid" in found.note.lower()
    check_results([row for row in rows if isinstance(row, Result)])


def test_the_index_stay_alone_is_the_wrong_answer_that_stands_beside_it(rows):
    [found] = of(rows, analysis="claim")
    [twin] = of(rows, analysis="as_observed", twin_of=found.result_id)
    assert twin.high < -4000  # most of what follows an IOP start comes after its first stay
    assert twin.estimator == "index stay only"
    assert "without the care that followed" in twin.note


def test_counting_the_cut_off_as_having_spent_nothing_is_the_wrong_way(rows, records):
    [mean] = of(rows, measure="adjusted_mean", arm="iop", stratum="iop or inpatient", day=PERIOD)
    con = warehouse(records)
    spent = (
        con.execute("SELECT episode_id, SUM(amount) FROM cost_days GROUP BY episode_id")
        .df()
        .set_index("episode_id")
        .iloc[:, 0]
    )
    people = records.people[records.people["arm"] == "iop"]
    as_nothing = spent.reindex(people["episode_id"]).fillna(0).mean()
    true_mean = -2000 + 8000 + 900 * (people["function_score"].mean() - 20) / 5
    assert as_nothing < 0.93 * true_mean
    assert mean.estimate == pytest.approx(
        true_mean, rel=0.06
    )  # the comparable are a little sicker than all who start IOP


def test_other_estimators_say_about_the_same(rows):
    [found] = of(rows, analysis="claim")
    others = of(rows, analysis="sensitivity", twin_of=found.result_id)
    assert {row.estimator for row in others} == {"augmented", "two-part gamma"}
    assert all(row.estimate == pytest.approx(found.estimate, abs=300) for row in others)
    assert all(row.varied for row in others)


def test_net_benefit_is_what_the_effect_is_worth_less_what_it_costs(rows):
    [found] = of(rows, analysis="claim")
    [effect] = of(rows, measure="effect_difference", twin_of=found.result_id)
    for worth in (0, 20000):
        [benefit] = of(rows, measure="net_monetary_benefit", twin_of=found.result_id, varied=f"worth {worth}")
        assert benefit.estimate == pytest.approx(worth * effect.estimate - found.estimate)
        assert benefit.verdict == "exploratory"


def test_cheaper_and_better_has_no_cost_per_person_improved(rows):
    [found] = of(rows, analysis="claim")
    [ratio] = of(rows, measure="cost_per_effect", twin_of=found.result_id)
    assert (ratio.estimate, ratio.low) == (None, None)
    assert "better and not dearer" in ratio.reason


def test_where_the_effect_may_be_nothing_there_is_no_cost_per_unit_of_it(tmp_path):
    records = made_records(seed=2, n=3000, effect=0.0)
    found = asked(tmp_path, records, warehouse(records))
    [ratio] = of(found, measure="cost_per_effect", reference="inpatient", stratum=f"cost_day{PERIOD}")
    assert ratio.estimate is None
    assert "effect may be nothing" in ratio.reason


def test_the_plane_shows_uncertainty_and_never_a_person(rows):
    [found] = of(rows, analysis="claim")
    points = [row for row in rows if isinstance(row, FigurePoint) and row.result_id == found.result_id]
    assert {(row.figure, row.series) for row in points} == {
        ("acceptability", "chance that it is worth its cost"),
        ("cost_plane", "estimate"),
        ("cost_plane", "ellipse"),
        ("cost_plane", "chance"),
    }
    assert len([row for row in points if row.series == "ellipse"]) == 60
    assert sum(row.y for row in points if row.series == "chance") == pytest.approx(1)
    assert all(row.n is None for row in points)


def test_cost_is_not_set_against_an_effect_that_is_withheld(tmp_path):
    records = made_records(n=3000, observed=0.1)
    found = asked(tmp_path, records, warehouse(records))
    assert of(found, analysis="claim")[0].gate == "passed"
    for row in of(found, analysis="cost_effect"):
        assert (row.gate, row.measure) == ("withheld", "net_monetary_benefit")
        assert all(getattr(row, name) is None for name in NUMBERS)
        assert "effect that is not shown" in row.reason


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        ((), "no costs are in the records; export what was paid"),
        (((*KIND, 1, False, 1.0, False),), "none of the amounts in the records is as study.toml"),
        (((*KIND, 1, True, 1.0, False), ("payer", "charge", "USD", 2025, 1, True, 1.0, False)), "paid and charged"),
        (((*KIND, 1, True, 1.0, False), ("payer", "paid", "EUR", 2025, 1, True, 1.0, False)), "different currencies"),
        (((*KIND, 1, True, 1.0, False), ("payer", "paid", "USD", 2024, 1, True, 1.0, False)), "price_index"),
    ],
)
def test_what_cannot_be_added_up_is_refused_with_the_way_out(tmp_path, fewer, kinds, words):
    records, answers = fewer
    found = [
        row for row in asked(tmp_path, records, warehouse(records, kinds=kinds), answers) if isinstance(row, Result)
    ]
    assert len([row for row in found if row.analysis == "claim"]) == 1
    for row in found:
        assert (row.gate, row.verdict) == ("withheld", "descriptive only")
        assert words in row.reason
        assert all(getattr(row, name) is None for name in (*NUMBERS, "n", "n_reference"))


def test_where_level_and_site_coincide_cost_is_withheld_too(tmp_path):
    records = made_records(n=3000, site_is_level=True)
    [found] = of(asked(tmp_path, records, warehouse(records)), analysis="claim")
    assert (found.gate, found.estimate) == ("withheld", None)
    assert "level and site cannot be separated" in found.reason


def test_where_too_few_are_followed_for_long_the_shorter_period_is_the_answer(tmp_path, fewer):
    records, answers = fewer
    con = warehouse(records)
    con.execute("UPDATE cost_set SET known_days = LEAST(known_days, 100)")
    [found] = of(asked(tmp_path, records, con, answers), analysis="claim")
    assert (found.day, found.gate) == (90, "passed")


def test_who_started_too_late_for_the_period_to_end_within_the_data_is_left_out_in_words(tmp_path, fewer):
    records, answers = fewer
    con = warehouse(records)
    con.execute("UPDATE cost_set SET possible_days = 100 WHERE episode_id < 'e00500'")
    found = asked(tmp_path, records, con, answers)
    steps = [
        row for row in found if getattr(row, "sentence", "").startswith("left out: they started less than 180 days")
    ]
    assert sum(row.n_removed for row in steps if "inpatient" in row.analysis) > 100


def test_where_days_have_no_common_calendar_nobody_started_too_late_and_cost_is_answered_all_the_same(tmp_path, fewer):
    records, answers = fewer
    con = warehouse(records)
    con.execute("UPDATE cost_set SET possible_days = NULL")
    [with_calendar] = of(asked(tmp_path, records, warehouse(records), answers), analysis="claim")
    [without] = of(asked(tmp_path, records, con, answers), analysis="claim")
    assert without.gate == "passed"
    assert without.estimate == pytest.approx(with_calendar.estimate)


def test_a_study_without_a_scale_or_an_arm_still_gets_its_answer_or_refusal(tmp_path, fewer):
    records, _ = fewer
    bare = asked(
        tmp_path,
        records,
        warehouse(records),
        outcomes=(),
        comparison=ComparisonChoices(primary=()),
        confounders=study(tmp_path).confounders.__class__(core=("suicide_risk", "diagnosis_group")),
    )
    [found] = of(bare, analysis="claim")
    assert found.gate == "passed"
    assert of(bare, analysis="cost_effect") == []
    nobody = asked(
        tmp_path,
        records,
        warehouse(records),
        arms={"iop": ("IOP",), "php": ("PHP",)},
        comparison=ComparisonChoices(contrasts=(("iop", "php"),), primary=()),
    )
    [refused] = of(nobody, analysis="claim")
    assert refused.reason == "too few people started in php"


def test_each_comparison_of_cost_has_its_diagnostics(rows):
    passed = {
        row.result_id for row in of(rows, measure="cost_difference", gate="passed") if row.analysis in ("claim", "cost")
    }
    assert passed == {row.result_id for row in rows if isinstance(row, Diagnostic)}
