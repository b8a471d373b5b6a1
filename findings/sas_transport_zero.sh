#!/usr/bin/env bash
# In a SAS transport file (.xpt), as national surveys publish the PHQ-9, "not at all" is a 0.  pandas.read_sas reads that zero as
# 5.397605346934028e-79: it is not equal to 0, value labels do not fit it, and nobody counts as having answered "not at all".
# pyreadstat reads the same file as 0.0.
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

pyreadstat.write_xport(pd.DataFrame({"DPQ010": [0.0, 1.0, 3.0]}), "items.xpt", file_format_version=5)
by_pandas = pd.read_sas("items.xpt")["DPQ010"]
by_pyreadstat = pyreadstat.read_xport("items.xpt")[0]["DPQ010"]
print("pandas", pd.__version__, "pyreadstat", pyreadstat.__version__)
print("pandas reads:     ", by_pandas.tolist(), "of these equal to 0:", int((by_pandas == 0).sum()))
print("pyreadstat reads: ", by_pyreadstat.tolist(), "of these equal to 0:", int((by_pyreadstat == 0).sum()))
assert by_pandas.tolist() == [5.397605346934028e-79, 1.0, 3.0], "zero is zero now"
assert by_pyreadstat.tolist() == [0.0, 1.0, 3.0]
PY
echo "as described"
