#!/usr/bin/env bash
# A standardized difference says whether two groups look alike in what is known of them.  tableone's default (include_null=True)
# takes "not recorded" as a category of its own and lets it enter the SMD: payers that are the same 60 and 67 % in those recorded
# (SMD 0.139) stand there with 0.765, because one arm records payers less often.  The number beside it for a score (continuous)
# leaves missing values out, so one column of SMDs means two things.
# Seen with tableone 0.9.6, pandas 2.3.3, numpy 2.4.6 on Python 3.11.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check tableone==0.9.6 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0 \
  openpyxl==3.1.5 Jinja2==3.1.6 tabulate==0.10.0
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import warnings

import pandas as pd
import tableone

warnings.simplefilter("ignore")
people = pd.DataFrame({
    "arm": ["iop"] * 6 + ["outpatient"] * 6,
    "score": [10, 12, 14, 16, 18, 20, 10, 12, 14, None, None, None],
    "payer": ["medicaid"] * 2 + ["commercial"] * 3 + [None] + ["medicaid"] + ["commercial"] * 2 + [None] * 3,
})


def smd(**choices):
    made = tableone.TableOne(
        people, columns=["score", "payer"], categorical=["payer"], groupby="arm", smd=True, **choices
    )
    column = made.tableone["Grouped by arm"]["SMD (iop,outpatient)"]
    return [float(cell) for cell in column if cell]


print("tableone", tableone.__version__)
print("score, payer by default:          ", smd())
print("score, payer of those recorded:   ", smd(include_null=False))
assert smd()[1] == 0.765, "missing is no category of the SMD any more"
assert smd(include_null=False)[1] == 0.139
assert smd()[0] == smd(include_null=False)[0]
PY
echo "as described"
