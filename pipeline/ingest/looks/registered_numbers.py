"""Numbers that an office or a maker gives out, known by their check digits: one cell proves little, a column much."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module

# python-stdnum's modules with a check digit or a date inside; the words stand in messages
PEOPLE = (
    "ar.cuit at.vnr au.tfn be.nn bg.egn br.cpf ca.sin ch.ssn cl.rut cn.ric cz.rc de.idnr dk.cpr do.cedula "
    "ec.ci ee.ik es.dni es.nie fi.hetu fr.nir gb.nhs hr.oib id.nik il.idnr in_.aadhaar in_.pan "
    "is_.kennitala it.codicefiscale jp.in_ kr.rrn lt.asmens mx.curp my.nric nl.bsn no.fodselsnummer "
    "pl.pesel pt.nif ro.cnp se.personnummer si.emso sk.rc th.pin tr.tckimlik tw.ubn ua.rntrc us.itin "
    "uy.rut za.idnr "
)
OTHERS = {"iban": "bank account numbers"}
MOST_LOOKED_AT = 200
LEAST, SHARE = 5, 0.9
SURE = ("provider numbers (NPI)", "prescriber numbers (DEA)", "vehicle numbers")  # even one cell tells enough
VIN_WORTH = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


@cache
def checks() -> tuple[tuple[str, Callable[[str], bool]], ...]:
    """Kind and test of every number that is looked for."""
    known = [(f"stdnum.{module}", "national identity numbers") for module in PEOPLE.split()]
    known += [(f"stdnum.{module}", kind) for module, kind in OTHERS.items()]
    listed = [(kind, import_module(module).is_valid) for module, kind in known]
    ours = [
        *zip(SURE, (is_npi, is_dea, is_vin), strict=True),
        ("payment card numbers", is_card),
        ("device numbers", is_imei),
    ]
    return (*ours, *listed)


def registered_kind(cell: str) -> str:
    """The kind of number that a single cell is; '' where it is none."""
    cell = cell.strip().upper()
    if not numbered(cell):
        return ""
    return next((kind for kind, test in checks() if test(cell)), "")


def plainly_registered(cells: Sequence[str]) -> list[str]:
    """Kinds of numbers whose form and check digit speak even in one code among words."""
    return [kind for kind, test in checks()[: len(SURE)] if any(test(cell.strip().upper()) for cell in cells)]


def registered_kinds(cells: Sequence[str]) -> list[str]:
    """Kinds of numbers that nearly every cell is; stops looking at a kind as soon as too many cells are none."""
    looked_at = [cell.strip().upper() for cell in cells[:MOST_LOOKED_AT]]
    if not looked_at or not mostly(looked_at, numbered):
        return []
    tests = checks() if len(looked_at) >= LEAST else checks()[: len(SURE)]
    return list(dict.fromkeys(kind for kind, test in tests if mostly(looked_at, test)))


def mostly(cells: Sequence[str], test: Callable[[str], object]) -> bool:
    """Whether a test holds for more than nine of ten cells, given up as early as it can be known."""
    left = (1 - SHARE) * len(cells)
    for cell in cells:
        if not test(cell):
            left -= 1
            if left <= 0:
                return False
    return True


def numbered(cell: str) -> bool:
    """Long enough for such a number, and made of letters, digits and a few marks."""
    return (
        len(cell) <= 42 and sum(letter.isdigit() for letter in cell) >= 5 and len(re.sub(r"[^0-9A-Z]", "", cell)) >= 8
    )


def luhn(digits: str) -> bool:
    """The check that payment cards and provider numbers use."""
    total = sum(
        sum(divmod(2 * int(digit), 10)) if place % 2 else int(digit) for place, digit in enumerate(digits[::-1])
    )
    return total % 10 == 0


def is_card(cell: str) -> bool:
    """Fifteen or sixteen digits that pass the Luhn check."""
    digits = re.sub(r"[ -]", "", cell)
    return re.fullmatch(r"[3-6][0-9]{14,15}", digits) is not None and luhn(digits)


def is_imei(cell: str) -> bool:
    """Fifteen digits of a mobile device that pass the Luhn check."""
    digits = re.sub(r"[ -]", "", cell)
    return re.fullmatch(r"[0-9]{15}", digits) is not None and luhn(digits)


def is_npi(cell: str) -> bool:
    """Ten digits that pass the Luhn check with the prefix 80840 (the national provider identifier)."""
    return re.fullmatch(r"[12][0-9]{9}", cell) is not None and luhn("80840" + cell)


def is_dea(cell: str) -> bool:
    """Two letters and seven digits, the last of which checks the others (a prescriber's registration)."""
    if not re.fullmatch(r"[A-Z][A-Z9][0-9]{7}", cell):
        return False
    d = [int(digit) for digit in cell[2:]]
    return (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]


def is_vin(cell: str) -> bool:
    """Seventeen letters and digits, the ninth of which checks the others (a vehicle)."""
    if not re.fullmatch(r"(?=.*[A-Z])[A-HJ-NPR-Z0-9]{17}", cell):
        return False
    total = sum(
        weight * (int(letter) if letter.isdigit() else VIN_WORTH[letter])
        for weight, letter in zip(VIN_WEIGHTS, cell, strict=True)
    )
    return cell[8] == "0123456789X"[total % 11]
