#!/usr/bin/env bash
# An SPSS file declares 99 as missing.  Read without user_missing=True, pyreadstat blanks the 99s and, against what one would
# guess, also leaves meta.missing_ranges empty: a reader cannot tell declared missing values from blank cells, nor say that there
# were any, unless it reads with user_missing=True.
# Seen with pyreadstat 1.3.7, pandas 3.1.1, numpy 2.4.6 on Python 3.11.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pyreadstat==1.3.7 pandas==3.1.1 numpy==2.4.6 narwhals==2.29.0 python-dateutil==4.0.0
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import pandas as pd
import pyreadstat

pyreadstat.write_sav(pd.DataFrame({"score": [12.0, 99.0, 7.0]}), "intake.sav", missing_ranges={"score": [99]})
plain, said = pyreadstat.read_sav("intake.sav")
asked, told = pyreadstat.read_sav("intake.sav", user_missing=True)
print("pyreadstat", pyreadstat.__version__)
print("read plainly:          ", plain["score"].tolist(), said.missing_ranges)
print("read with user_missing:", asked["score"].tolist(), told.missing_ranges)
assert plain["score"].isna().tolist() == [False, True, False], "the declared value is no longer blanked"
assert said.missing_ranges == {}, "the ranges are told now"
assert asked["score"].tolist() == [12.0, 99.0, 7.0]
assert told.missing_ranges == {"score": [{"lo": 99.0, "hi": 99.0}]}
PY
echo "as described"
