#!/usr/bin/env bash
# Two cells of a workbook that a reader would notice in a spreadsheet and not behind calamine: an error (#N/A, as a failed look-up
# leaves it) is read as the empty text, not as its word and not as a fault; and a total that XlsxWriter wrote as a formula is read as
# 0.0, a score that a PHQ-9 can have, until a spreadsheet has opened and saved the file (it stores 0 as the value of a formula).
# Seen with python-calamine 0.9.1, XlsxWriter 3.3.1 on Python 3.11.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check python-calamine==0.9.1 XlsxWriter==3.3.1
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import xlsxwriter
from python_calamine import CalamineWorkbook

with xlsxwriter.Workbook("scores.xlsx") as book:
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, [3, 2, 3])
    sheet.write_formula(0, 3, "=SUM(A1:C1)")
    sheet.write_formula(1, 3, '=VLOOKUP("x",A1:B1,2,FALSE)', None, "#N/A")
    sheet.write_string(2, 3, "#N/A")
[[*_, total], [*_, failed], [*_, typed]] = CalamineWorkbook.from_path("scores.xlsx").get_sheet_by_index(0).to_python()
print("python-calamine", version("python-calamine"), "XlsxWriter", version("XlsxWriter"))
print("the total of 3, 2 and 3:      ", repr(total))
print("a look-up that failed (#N/A): ", repr(failed))
print("the same letters, typed:      ", repr(typed))
assert total == 0.0, "the formula has its value now"
assert failed == "", "an error cell says so now"
assert typed == "#N/A"
PY
echo "as described"
