"""Each rule of the door by itself: what it finds, what it leaves alone, and that none is shadowed by another."""

import pytest

from pipeline.ingest.looks.birth_dates import are_births, births_inside, year_of
from pipeline.ingest.looks.header_words import INSIDE, WORDS, called_like
from pipeline.ingest.looks.patterns import PATTERNS, compiled, plain_kinds
from pipeline.ingest.looks.people_words import hold_names, is_known_person, may_be_person
from pipeline.ingest.looks.registered_numbers import checks, is_card, is_dea, is_imei, is_npi, is_vin, registered_kinds
from pipeline.ingest.looks.shapes import more_than

FOUND = {
    "e_mail": "user3@bücher3.example",
    "e_mail_in_words": "user3 at example dot org",
    "e_mail_bracketed": "user3[at]example[dot]org",
    "e_mail_local": "user3@mailhost",
    "account_name": "@some_one",
    "ssn_dashed": "219-09-9999",
    "ssn_spaced": "219 09 9999",
    "ssn_dotted": "219.09.9999",
    "ssn_masked": "XXX-XX-9999",
    "web_scheme": "https://portal.example.org/p/3",
    "web_share": r"\\server\photos\3",
    "web_www": "see www.example.org",
    "web_path": "portal.example.org/p/3",
    "web_host": "portal.example.org",
    "network": "login from 203.0.113.4:8080",
    "network_six": "2001:db8::1",
    "hardware": "33:52:71:90:af:ce",
    "hardware_dashed": "33-52-71-90-AF-CE",
    "hardware_dotted": "3352.7190.afce",
    "device_label": "(01)00884000001003(17)261231(21)SN00003",
    "street": "12 Old Mill Road",
    "street_short": "12 N Cedar St",
    "street_after": "Lindenstraße 4, 50674 Köln",
    "street_before": "12 bis, rue de Lyon",
    "street_named": "Calle Mayor 5",
    "box": "P.O. Box 17",
    "box_rural": "RR 2 Box 17",
    "flat": "Apt 4B, 12 Elm",
    "zip_nine": "45212-1234",
    "place_zip": "Ardmore, PA 19003",
    "coordinates": "40.73690, -74.02130",
    "coordinates_marked": "POINT (-74.02 40.73)",
    "coordinates_code": "87G8P2X3+4F",
    "coordinates_words": "///filled.count.soap",
    "coordinates_grid": "18T 583960 4507523",
    "degrees": "40°44' N",
    "phone": "(215) 555-1111",
    "phone_abroad": "+44 20 7946 1003",
    "card": "4111 1111 1111 1103",
    "cpf": "126.456.789-09",
    "labelled": "MRN4400009",
    "serial": "SN:ABC123456",
    "born": "born on 6 April 1953",
    "picture": "IMG_2003.jpg",
    "binary": "data:image/png;base64,iVBORw0KGgo",
}
LEFT_ALONE = [
    "10.5.3.1",
    "00378-1805-10",
    "30000-39999",
    "2025-01-04 10:03:00",
    "10:30",
    "F33.1 Major depressive disorder, recurrent, moderate",
    "H0015:HF",
    "99214-25",
    "12 sessions",
    "3 weeks at home",
    "24-hour care",
    "IOP/PHP",
    "1.2.840.10008",
    "A-12-B",
    "3 to 5 characters",
    "not ready",
    "self-pay",
    "Site B",
    "yes",
]


def test_every_pattern_has_its_own_example_and_none_is_there_twice():
    names = [pattern.name for pattern in PATTERNS]
    assert len(set(names)) == len(names) == len({pattern.regex for pattern in PATTERNS})
    assert set(names) == set(FOUND)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
def test_a_pattern_finds_its_example_in_both_engines_and_no_other_pattern_hides_it(pattern):
    import duckdb

    example = FOUND[pattern.name]
    assert pattern.mark in example
    assert compiled(pattern.regex).search(example)
    assert pattern.kind in plain_kinds([example])
    [(found,)] = duckdb.connect().execute("SELECT regexp_matches(?, ?)", [example, pattern.regex]).fetchall()
    assert found


@pytest.mark.parametrize("cell", LEFT_ALONE)
def test_ordinary_cells_are_plainly_nothing(cell):
    assert plain_kinds([cell]) == []


def test_no_word_of_a_header_is_listed_under_two_kinds():
    words = [word for listed in WORDS.values() for word in listed.split()]
    assert len(set(words)) == len(words)
    assert set(INSIDE) == set(WORDS)


DATES = [
    "1953-04-06",
    "1953/4/6",
    "04/06/1953",
    "6.4.1953",
    "06-Apr-1953",
    "06APR1953",
    "April 06, 1953",
    "Monday, April 6, 1953",
    "6 avril 1953",
    "06 de abril de 1953",
    "04/06/53",
    "53/04/26",
    "19530406",
    "04061953",
    "1953-04-06T00:00:00Z",
    "6/4/53 12:00 AM",
    "1953年4月6日",
    "6-IV-1953",
    "1953-04",
    "04/1953",
]


@pytest.mark.parametrize("cell", DATES)
def test_a_date_is_known_in_any_shape(cell):
    assert year_of(cell) == 1953


@pytest.mark.parametrize(
    "cell", ["99213", "12", "10.5.3.1", "555-12-1234", "1953", "F33.1", "12 weeks 20", "May", "13/32/1953", ""]
)
def test_what_is_no_date_is_none(cell):
    assert year_of(cell) is None


def test_years_of_birth_lie_decades_apart_or_long_past_and_years_of_care_do_not():
    assert are_births([1950, 1961, 1972, 1983, 1999])
    assert are_births([1962])
    assert not are_births([2021, 2022, 2023, 2024, 2025])


def test_ids_that_hold_dates_of_birth_are_known_and_numbers_in_a_row_are_not():
    assert births_inside(["PM19530406", "AB19610203", "CD19720811", "EF19830925", "GH19991231"])
    assert births_inside(["PM1953", "AB1961", "CD1972", "EF1983", "GH1983"])
    assert not births_inside([f"p{number}" for number in range(1950, 2000)])
    assert not births_inside([f"{number}" for number in range(100001, 100061)])


PEOPLE = [
    "Patricia Hernandez",
    "SZCZESNIAK, YEVHENIIA",
    "Łukasz Wójcik",
    "Пётр Кузнецов",
    "王小明",
    "สมชาย ใจดี",
    "J. Smith",
    "HERNANDEZ^MARIA^Q",
]
NO_PEOPLE = [
    "Trade School",
    "Never Married",
    "Mood Disorders",
    "Licensed Clinical Social Worker",
    "Second Floor",
    "faith and recovery",
    "grace",
    "IOP",
    "PsyD",
    "SelfPay",
    "self_pay",
    "Two-Spirit",
    "PHQ9",
    "St Paul",
    "Long Beach",
    "Site B",
    "3",
]


@pytest.mark.parametrize("cell", PEOPLE)
def test_names_of_people_are_known_in_any_script(cell):
    assert is_known_person(cell) or may_be_person(cell)


@pytest.mark.parametrize("cell", NO_PEOPLE)
def test_words_of_code_lists_and_places_are_no_people(cell):
    assert not is_known_person(cell)
    assert not may_be_person(cell)


def test_names_within_ids_are_found_unless_all_ids_share_one():
    assert hold_names(["phernandez03", "rjohnson04", "lnguyen11", "KevinPatel7"])
    assert not hold_names([f"Jackson-{number:03d}" for number in range(20)])
    assert not hold_names(["keccbc87", "qd41d8cd", "za87ff67"])


def test_check_digits_tell_numbers_of_an_office_from_others():
    assert is_npi("1234567893")
    assert is_dea("AB1234563")
    assert is_vin("1M8GDM9AXKP042788")
    assert is_card("4111 1111 1111 1111")
    assert is_imei("490154203237518")
    assert not any(test("1234567890") for test in (is_npi, is_dea, is_vin, is_card, is_imei))


def test_a_column_of_national_numbers_is_known_by_its_check_digits():
    from stdnum.gb.nhs import is_valid

    nines = [str(943000000 + 7919 * row) for row in range(40)]
    nhs = [nine + last for nine in nines for last in "0123456789" if is_valid(nine + last)]
    assert len(nhs) > 30
    assert registered_kinds(nhs) == ["national identity numbers"]
    assert registered_kinds([f"{number}" for number in range(10_000_000, 10_000_060)]) == []


def test_every_national_number_can_be_loaded():
    assert len(checks()) > 50


@pytest.mark.parametrize(
    "column", ["patient_name", "HomePhone", "zip5", "dateofbirth", "MRN", "SubscriberID", "First", "geo_lat", "npi"]
)
def test_a_name_speaks(column):
    assert called_like(column)


@pytest.mark.parametrize(
    "column", ["first_visit", "last_score", "member_token", "study_id", "given_naloxone", "middle_school", "score"]
)
def test_a_name_is_silent(column):
    assert called_like(column) is None


@pytest.mark.parametrize(
    ("share", "cells", "is_so"),
    [(0.5, "xxyy", False), (0.5, "xxxy", True), (0.9, "xxxxxxxxxy", False), (0.9, "x" * 10, True), (0.2, "", False)],
)
def test_a_share_is_passed_only_by_more_cells_than_it_whichever_come_first(share, cells, is_so):
    for order in (cells, cells[::-1]):
        assert more_than(share, order, "x".__eq__) == is_so
