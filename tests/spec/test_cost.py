"""What care costs: which amounts are added up, over which days, and for whom nobody can tell."""

import pytest

from pipeline.errors import StudyError
from pipeline.study_toml.file import check
from tests.spec.staged import built, like, staged, study_of

CARE = """
    patient_id | level_of_care | service_day | episode_id
    ann        | IP            | 0           | a1
    ann        | OP            | 60          | a2
    ben        | IOP           | 0           | b1
    """
STAYS = """
    episode_id | patient_id | level_of_care | start_day | end_day
    a1         | ann        | IP            | 0         | 0
    a2         | ann        | OP            | 60        | 60
    b1         | ben        | IOP           | 0         | 0
    """
PAID = {"amount_kind": "paid", "currency": "USD", "price_year": 2025, "perspective": "payer"}


def spending(costs, *wanted, seen_to=4000, followups="patient_id | reached | contact_day | source", **chosen):
    people = f"""
        patient_id | observed_to_day
        ann        | {seen_to}
        ben        | 4000
        """
    lines = [line for line in costs.strip().splitlines() if line.strip()]
    names = [name.strip() for name in lines[0].split("|")]
    given = {name: value for name, value in PAID.items() if name not in names}
    filled = [" | ".join([lines[0], *given]), *[" | ".join([line, *map(str, given.values())]) for line in lines[1:]]]
    con = staged(patients=people, sessions=CARE, episodes=STAYS, costs="\n".join(filled), followups=followups)
    return built(con, *(wanted or ("cost_days", "cost_set")), study=study_of(cost=chosen))


def total(con, patient, days=180):
    query = (
        "SELECT SUM(amount) FROM cost_days JOIN index_episodes USING (episode_id) WHERE patient_id = ? AND ends <= ?"
    )
    return con.execute(query, [patient, days]).fetchone()[0]


STEPPED_DOWN = """
    patient_id | episode_id | service_day | amount
    ann        | a1         | 0           | 5000
    ann        | a2         | 60          | 300
    ann        |            | 170         | 9000
    ben        | b1         | 0           | 4000
    """


def test_later_care_at_any_level_is_part_of_what_a_start_costs():
    con = spending(STEPPED_DOWN)
    assert total(con, "ann") == 14_300
    # the wrong way: the index stay alone, which leaves out the step-down and the stay elsewhere
    assert con.execute("SELECT index_amount FROM cost_set ORDER BY index_amount").fetchall() == [(4000,), (5000,)]


@pytest.mark.parametrize(("day", "counted"), [(-1, 0), (0, 100), (89, 100), (90, 0)])
def test_ninety_days_are_day_zero_to_day_eighty_nine(day, counted):
    con = spending(f"""
        patient_id | service_day | amount
        ann        | {day}       | 100
        ben        | 5           | 1
        """)
    assert (total(con, "ann", days=90) or 0) == counted


def test_paid_and_charged_amounts_are_never_added_up():
    mixed = """
        patient_id | service_day | amount | amount_kind
        ann        | 0           | 1000   | paid
        ann        | 5           | 3000   | charge
        """
    assert spending(mixed).execute("SELECT COUNT(*) FROM cost_days").fetchall() == [(0,)]
    assert total(spending(mixed, amount_kind="paid"), "ann") == 1000


def test_two_currencies_or_two_payers_are_never_added_up():
    two = """
        patient_id | service_day | amount | currency | perspective
        ann        | 0           | 1000   | USD      | payer
        ann        | 5           | 3000   | EUR      | payer
        ann        | 6           | 50     | USD      | patient
        """
    assert spending(two).execute("SELECT COUNT(*) FROM cost_days").fetchall() == [(0,)]
    assert total(spending(two, currency="USD"), "ann") == 1000
    assert total(spending(two, perspective="patient"), "ann") == 50


YEARS = """
    patient_id | service_day | amount | price_year
    ann        | 0           | 1000   | 2024
    ann        | 5           | 1000   | 2025
    """


def test_amounts_of_two_price_years_are_added_up_only_with_a_price_index():
    assert spending(YEARS).execute("SELECT COUNT(*) FROM cost_days").fetchall() == [(0,)]
    assert spending(YEARS, price_year=2025).execute("SELECT COUNT(*) FROM cost_days").fetchall() == [(0,)]
    assert total(spending(YEARS, price_year=2025, price_index={"2024": 100.0, "2025": 104.0}), "ann") == pytest.approx(
        1000 * 1.04 + 1000
    )


def test_a_year_without_a_price_level_is_not_quietly_left_out():
    con = spending(YEARS, price_year=2025, price_index={"2025": 104.0})
    assert con.execute("SELECT COUNT(*) FROM cost_days").fetchall() == [(0,)]
    found, expected = like(
        con,
        "cost_kinds",
        """
        price_year | asked | used
        2024       | yes   | no
        2025       | yes   | no
        """,
    )
    assert found == expected


def test_who_has_no_amount_at_all_has_unknown_costs_and_not_none():
    con = spending("""
        patient_id | service_day | amount
        ann        | 0           | 1000
        """)
    found, expected = like(
        con,
        "cost_set",
        """
        episode_id  | linked | known_days | died | index_amount
        ann/P/IP/0  | yes    | 4001       | no   | 1000
        ben/P/IOP/0 | no     | 0          | no   |
        """,
    )
    assert found == expected


@pytest.mark.parametrize(("seen_to", "known"), [(0, 1), (88, 89), (89, 90), (200, 201)])
def test_costs_are_known_through_the_last_observed_day(seen_to, known):
    con = spending(STEPPED_DOWN, seen_to=seen_to)
    assert con.execute("SELECT known_days FROM cost_set WHERE episode_id = 'ann/P/IP/0'").fetchall() == [(known,)]


@pytest.mark.parametrize(("calendar", "possible"), [(True, [101, 101]), (False, [None, None])])
def test_where_there_is_a_calendar_the_end_of_all_data_says_how_long_anybody_could_be_followed(calendar, possible):
    people = """
        patient_id | observed_to_day
        ann        | 30
        ben        | 100
        """
    con = built(staged(calendar=calendar, patients=people, sessions=CARE), "cost_set")
    assert [row[0] for row in con.execute("SELECT possible_days FROM cost_set").fetchall()] == possible


@pytest.mark.parametrize(("told", "died", "known"), [(40, True, 41), (89, True, 90), (90, False, 90)])
def test_after_a_death_that_was_observed_nothing_more_can_be_spent(told, died, known):
    con = spending(
        STEPPED_DOWN,
        seen_to=89,
        followups=f"""
        patient_id | reached | contact_day | source
        ann        | died    | {told}      | registry
        """,
    )
    assert con.execute("SELECT died, known_days FROM cost_set WHERE episode_id = 'ann/P/IP/0'").fetchall() == [
        (died, known)
    ]
    by_registry = spending(
        STEPPED_DOWN,
        seen_to=89,
        followups=f"""
        patient_id | reached | alive | contact_day | source
        ann        | reached | no    | {told}      | registry
        """,
    )
    assert by_registry.execute("SELECT died, known_days FROM cost_set WHERE episode_id = 'ann/P/IP/0'").fetchall() == [
        (died, known)
    ]


def test_an_amount_without_an_episode_belongs_to_the_index_stay_only_within_its_days():
    con = spending("""
        patient_id | episode_id | service_day | amount
        ann        |            | 0           | 7
        ann        |            | 1           | 70
        ann        | a2         | 0           | 700
        """)
    assert con.execute("SELECT index_amount FROM cost_set WHERE linked").fetchall() == [(7,)]


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ({"perspective": "mine"}, "payer, patient, provider, societal"),
        ({"days": []}, "such as"),
        ({"days": [0]}, "such as"),
        ({"days": [90, 90]}, "such as"),
        ({"worth": [-1.0]}, "not negative"),
        ({"price_index": {"2024": 100.0}}, "name the price_year"),
        ({"price_index": {"2024": 0.0}, "price_year": 2024}, "positive price level"),
        ({"price_index": {"last": 1.0}, "price_year": 2024}, "positive price level"),
    ],
)
def test_a_choice_about_costs_that_cannot_be_is_refused_with_the_way_out(chosen, why):
    with pytest.raises(StudyError, match=why):
        check(study_of(cost=chosen))
