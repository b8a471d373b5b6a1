"""How levels, diagnoses and services are coded in the files."""

from pipeline.synthetic.scenarios import LEVELS

# ICD-10-CM codes by diagnosis group of people.DIAGNOSES; several each, so that grouping has something to do.
DIAGNOSIS_CODES = (
    ("F321", "F331", "F332", "F322"),
    ("F411", "F410", "F401"),
    ("F431", "F4310", "F4312"),
    ("F102", "F112", "F152"),
    ("F200", "F250", "F29"),
    ("F603", "F606"),
    ("F500", "F502"),
    ("F908", "F840"),
)
IOP_CODES = {"psychiatric": ("S9480", "0905"), "chemical": ("H0015", "0906")}
# cpt_hcpcs, revenue_code and pos by level; IOP depends on the diagnosis and OP on the service.
HCPCS = ("", "S9480", "H0035", "H0018", "")
REVENUE = ("", "0905", "0912", "1001", "0124")
PLACE = ("11", "22", "52", "55", "51")
OUTPATIENT_CODE = ("90837", "90853", "", "90791", "", "90847")  # by care.SERVICE_TYPES
CONDITION = ("", "92", "41", "", "")  # Medicare claims only
UNIT_PRICE = (150.0, 350.0, 575.0, 700.0, 1250.0)  # USD per session or day, an assumption and labeled so
PRICE_YEAR = 2025


def program_code(site: int, level: int) -> str:
    """A program's code: site and level, no name."""
    return f"{site_code(site)}-{LEVELS[level].lower()}"


def site_code(site: int) -> str:
    """A site's code."""
    return f"s{site + 1:02d}"


def therapist_code(site: int, level: int, number: int) -> str:
    """A therapist's code within a program."""
    return f"{program_code(site, level)}-t{number + 1}"
