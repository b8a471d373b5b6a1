"""C6 from a table to its rows: the trap of immortal time, a real effect, and every reason not to answer."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from pipeline.analysis.asking.run import check_results
from pipeline.analysis.headline import Asking
from pipeline.analysis.questions import step_down as family
from pipeline.analysis.questions.step_down import SINGLE_STAYS, step_down
from pipeline.analysis.standing import begun
from pipeline.choices.records import Episodes
from pipeline.report.disclosure.gate import Tables, release
from pipeline.results import AttritionStep, CurvePoint, Diagnostic, Result
from pipeline.stats.robustness.noninferiority import detectable_difference
from pipeline.synthetic.courses import DOWN, NONE, READMISSION
from pipeline.synthetic.people import DIAGNOSES, HOUSING, PAYERS, REFERRALS, SEXES
from pipeline.synthetic.population import draw
from pipeline.synthetic.scenarios import SCENARIOS
from pipeline.synthetic.truth.answers import stored_truths
from pipeline.synthetic.world import IOP, RESIDENTIAL_OR_INPATIENT
from tests.unit.analysis.made_records import study


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    monkeypatch.setattr(family, "DRAWS", 60)
    monkeypatch.setattr(family, "LANDMARK_DRAWS", 20)


def immortal(n=14_000, seed=3):
    """Those who leave 24-hour care in the scenario of that name, as step_down_set would hold them."""
    drawn = draw(n, np.random.default_rng(seed), SCENARIOS["immortal_time"])
    left = np.flatnonzero(np.isin(drawn.level, RESIDENTIAL_OR_INPATIENT))
    courses, people = drawn.courses(), drawn.people
    away = courses.last[left, 0]
    back = np.where(courses.level[left, READMISSION] != NONE, courses.start[left, READMISSION] - away, np.nan)
    begun = np.where(courses.level[left, DOWN] == IOP, courses.start[left, DOWN] - away, np.nan)
    return left_as(
        len(left),
        to_readmission=back,
        to_iop=begun,
        site=np.char.add("s", people.site[left].astype(str)),
        age=people.age[left] * 1.0,
        sex=np.array(SEXES)[people.sex[left]],
        sud=people.sud[left],
        trauma=people.trauma[left],
        payer=np.array(PAYERS)[people.payer[left]],
        referral_source=np.array(REFERRALS)[people.referral[left]],
        housing=np.array(HOUSING)[people.housing[left]],
        diagnosis_group=np.array(DIAGNOSES)[people.diagnosis[left]],
        prior_24h_care=people.prior_24h[left],
        prior_episodes=people.prior_episodes[left].astype(float),
        suicide_risk=people.cssrs[left].astype(float),
        function_score=people.whodas[left].astype(float),
        score=people.phq9[left].astype(float),
    )


def effective(n=4000, seed=1, ratio=0.3):
    """A world in which IOP cuts the hazard of coming back to `ratio`, and the severe start more often."""
    rng = np.random.default_rng(seed)
    severity = rng.normal(size=n)
    start = np.where(rng.random(n) < 1 / (1 + np.exp(-0.5 * severity)), 1 + rng.integers(0, 12, n), 10**6)
    rate = 0.012 * np.exp(0.4 * severity)
    before = rng.exponential(1 / rate)
    back = np.ceil(np.where(before < start, before, start + rng.exponential(1 / (ratio * rate)))) + 1
    return left_as(
        n,
        to_readmission=np.where(back < 400, back, np.nan),
        to_iop=np.where(start < back, np.minimum(start, 999), np.nan),
        site=np.char.add("s", rng.integers(0, 8, n).astype(str)),
        score=np.clip(np.round(14 + 4 * severity), 0, 27),
    )


def left_as(n, **columns):
    rng = np.random.default_rng(n)
    frame = {
        "stay_id": [f"e{i:05}" for i in range(n)],
        "patient_id": [f"p{i:05}" for i in range(n)],
        "level_of_care": rng.choice(["IP", "RES"], n),
        "program_id": "P",
        "discharge_day": 10,
        "ending": "completed",
        "ended_as": "as planned",
        "came_as": "new",
        "stay_days": rng.integers(3, 30, n),
        "to_death": np.nan,
        "to_end": 200,
        "ed_visit": pd.array(rng.random(n) < 0.1, dtype="boolean"),
        "period": "2025Q1",
        "age": rng.integers(18, 80, n).astype(float),
        "sex": rng.choice(["F", "M"], n),
        "race_ethnicity": "WHITE",
        "payer": "medicaid",
        "referral_source": "self",
        "diagnosis_group": "mood",
        "housing": "independent",
        "prior_24h_care": rng.random(n) < 0.3,
        "prior_episodes": 1.0,
        "sud": False,
        "trauma": False,
        "psychosis": False,
        "suicide_risk": rng.integers(0, 6, n).astype(float),
        "suicide_risk_source": "CSSRS",
        "function_score": rng.normal(20, 5, n).round(),
        "function_source": "WHODAS12",
        "score": rng.integers(5, 27, n).astype(float),
    }
    return pd.DataFrame(frame | columns)


def asked(frame, folder, **changes):
    con = duckdb.connect()
    con.register("given", frame)
    con.execute("CREATE TABLE step_down_set AS SELECT * FROM given")
    con.execute(
        "CREATE TABLE discharge_readings AS SELECT stay_id, 'phq9_day90' AS role, 'PHQ9' AS source, score AS value FROM"
        " given"
    )
    rows = begun(step_down(Asking(con, None, study(folder, **changes), []))).to_the_end(0.99)
    check_results([row for row in rows if isinstance(row, Result)])
    return rows


def the(rows, **wanted):
    [row] = [
        row
        for row in rows
        if isinstance(row, Result) and all(getattr(row, name) == value for name, value in wanted.items())
    ]
    return row


def test_where_iop_changes_nothing_the_answer_is_open_and_the_careless_count_sees_protection(tmp_path):
    rows = asked(immortal(), tmp_path)
    answer, careless = the(rows, analysis="claim"), the(rows, analysis="as_observed")
    assert answer.gate == "passed"
    assert answer.verdict == "inconclusive"
    assert answer.low < 0 < answer.high
    truth = [
        row
        for question, row in stored_truths(SCENARIOS["immortal_time"]).items()
        if (question.question, question.outcome, question.measure) == (answer.question, answer.outcome, answer.measure)
    ]
    assert answer.estimate == pytest.approx(float(truth[0]["value"]), abs=3 * answer.se)
    assert careless.high < -0.03
    assert careless.estimate == pytest.approx(float(truth[0]["naive_low"]), abs=3 * careless.se)
    assert "cannot hold a readmission" in careless.note
    assert the(rows, measure="number_needed_to_link").estimate is None
    marked = the(rows, estimator="landmark")
    assert marked.low < 0 < marked.high


def test_a_real_effect_is_found_with_the_number_needed_to_link(tmp_path):
    rows = asked(effective(), tmp_path)
    answer = the(rows, analysis="claim")
    assert answer.verdict == "better"
    assert answer.high < 0
    needed = the(rows, measure="number_needed_to_link")
    assert needed.estimate == pytest.approx(-1 / answer.estimate)
    assert needed.low < needed.estimate < needed.high
    risks = [the(rows, measure="risk", day=30, arm=arm).estimate for arm in (answer.arm, answer.reference)]
    assert risks[0] - risks[1] == pytest.approx(answer.estimate)
    assert all(row.events is None for row in rows if isinstance(row, Result) and row.measure == "risk")
    later = the(rows, outcome="readmitted_day90", measure="risk_difference")
    assert later.verdict == "exploratory"
    assert "The range is that of 99.0%, so that the verdicts of this study hold together." in answer.note
    assert "hold together" not in later.note
    assert "hold together" in needed.note
    assert the(rows, measure="detectable_difference").estimate == pytest.approx(
        detectable_difference(answer.se, level=answer.level)
    )


def test_curves_checks_and_the_way_to_the_people_asked_are_there(tmp_path):
    rows = asked(effective(), tmp_path)
    answer = the(rows, analysis="claim")
    points = [row for row in rows if isinstance(row, CurvePoint)]
    assert {point.arm for point in points} == {answer.arm, answer.reference}
    assert [point.day for point in points if point.arm == answer.arm] == list(range(0, 91, 7))
    checks = {row.check for row in rows if isinstance(row, Diagnostic)}
    assert {
        "followed_n",
        "recorded",
        "strategy_weight",
        "largest_weight",
        "strategy_overlap",
        "balance",
        "effective_size",
    } <= checks
    last = [row for row in rows if isinstance(row, AttritionStep)][-2:]
    assert [row.n_left for row in last] == [answer.n_reference, answer.n]


def test_it_leaves_through_the_gate_and_small_counts_do_not(tmp_path):
    rows = asked(effective(), tmp_path)
    kinds = {"results": Result, "curves": CurvePoint, "diagnostics": Diagnostic, "attrition": AttritionStep}
    tables = Tables(**{name: tuple(row for row in rows if isinstance(row, kind)) for name, kind in kinds.items()})
    shown = release(tables, study(tmp_path).disclosure)
    assert all(point.events is None and point.at_risk is None for point in shown.curves)
    assert isinstance(the(shown.results, analysis="claim").estimate, float)


def few_start(frame):
    return frame.assign(to_iop=frame["to_iop"].where(np.arange(len(frame)) % 20 == 0))


REFUSED = {
    "nobody left 24-hour care": (lambda f: f.iloc[:0], "nobody is seen to leave residential or inpatient care"),
    "nobody started IOP": (lambda f: f.assign(to_iop=np.nan), "nobody is seen to start IOP after 24-hour care"),
    "only after the grace period": (lambda f: f.assign(to_iop=f["to_iop"] + 15), "nobody is seen to start IOP"),
    "all had stepped up": (lambda f: f.assign(came_as="stepped up"), "no site has enough people"),
    "few started at each site": (
        lambda f: f.iloc[:300].assign(site=np.arange(300).astype(str)),
        "no site has enough people",
    ),
    "too few in all": (lambda f: few_start(f.iloc[:700].assign(site="one")), "too few people had IOP within 14 days"),
    "a confounder is not recorded": (
        lambda f: f.assign(suicide_risk=np.nan, suicide_risk_source=None),
        "Suicide risk at start is",
    ),
    "starting follows from severity": (
        lambda f: f.assign(
            to_iop=np.where(f["score"] > 15, 1.0, np.where(f.index % 40, np.nan, 2)), to_readmission=np.nan
        ),
        "could as well have done the other|still differ|cannot stand for them",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_answered_is_withheld_with_its_reason_and_without_any_number(case, tmp_path):
    change, reason = REFUSED[case]
    rows = asked(change(effective()), tmp_path)
    answer = the(rows, analysis="claim")
    assert answer.gate == "withheld"
    assert any(part in answer.reason for part in reason.split("|")), answer.reason
    assert {row.analysis for row in rows if isinstance(row, Result)} == {"claim", "as_observed"}
    assert the(rows, analysis="as_observed").gate == "withheld"


def test_sites_and_kinds_of_leaving_without_starters_are_left_out_in_words(tmp_path):
    frame = effective()
    ama = np.arange(len(frame)) % 5 == 0
    frame = frame.assign(ended_as=np.where(ama, "otherwise", "as planned"))
    frame.loc[ama, "to_iop"] = np.nan
    frame.loc[frame["site"] == "s0", "to_iop"] = np.nan
    rows = asked(frame, tmp_path)
    steps = [row for row in rows if isinstance(row, AttritionStep) and row.n_removed]
    assert [row.step for row in steps] == [2, 3]
    assert "at their site" in steps[0].sentence
    assert "left like them" in steps[1].sentence
    answer = the(rows, analysis="claim")
    assert answer.n + answer.n_reference == (~ama & (frame["site"] != "s0")).sum()


def test_the_same_records_give_the_same_numbers(tmp_path):
    frame = effective(n=2500)
    first, second = (the(asked(frame, tmp_path), analysis="claim") for _ in range(2))
    assert first == second


def test_a_register_of_single_stays_is_not_asked_what_followed_them(tmp_path):
    rows = asked(effective(), tmp_path, episodes=Episodes(seen_after=False))
    assert the(rows, analysis="claim").reason == SINGLE_STAYS
