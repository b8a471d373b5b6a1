#!/usr/bin/env bash
# A SAS transport file (.xpt) written by pyreadstat cannot be read by pandas: pyreadstat writes version 8 unless told otherwise, and
# pandas.read_sas knows version 5 alone and says of the file: "Header record is not an XPORT file."  With file_format_version=5 both
# read it.
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

scores = pd.DataFrame({"DAY": [1.0, 90.0], "PHQ9": [12.0, 7.0]})
pyreadstat.write_xport(scores, "default.xpt")
pyreadstat.write_xport(scores, "five.xpt", file_format_version=5)


def read_by_pandas(file):
    try:
        return pd.read_sas(file).to_numpy().tolist()
    except ValueError as fault:
        return str(fault)


print("pyreadstat", pyreadstat.__version__, "pandas", pd.__version__)
print("pandas reads the default as:     ", read_by_pandas("default.xpt"))
print("pandas reads version 5 as:       ", read_by_pandas("five.xpt"))
print("pyreadstat reads the default as: ", pyreadstat.read_xport("default.xpt")[0].to_numpy().tolist())
assert read_by_pandas("default.xpt") == "Header record is not an XPORT file."
assert read_by_pandas("five.xpt") == [[1.0, 12.0], [90.0, 7.0]]
assert pyreadstat.read_xport("default.xpt")[0].to_numpy().tolist() == [[1.0, 12.0], [90.0, 7.0]]
PY
echo "as described"
