#!/usr/bin/env bash
# Adjusting a handful of p-values by Holm's method with statsmodels' multipletests runs a full garbage collection of the whole process
# at each call; by Benjamini and Hochberg's or Bonferroni's it does not. A few microseconds of arithmetic so cost as much as everything
# that is alive in memory: a simulation that adjusts p-values in a loop, beside data frames that it holds, spends its time there.
# Seen with statsmodels 0.15.0, numpy 2.4.6, scipy 1.17.1, pandas 3.1.1 on Python 3.11.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check statsmodels==0.15.0 numpy==2.4.6 scipy==1.17.1 pandas==3.1.1
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import gc
from importlib.metadata import version

from statsmodels.stats.multitest import multipletests

P = [0.01, 0.02, 0.04]
full = []
gc.callbacks.append(lambda phase, about: full.append(1) if phase == "start" and about["generation"] == 2 else None)
print("statsmodels", version("statsmodels"))
for method, expected in (("holm", 1), ("fdr_bh", 0), ("bonferroni", 0)):
    full.clear()
    multipletests(P, method=method)
    print(f"full collections in one call, three p-values, {method}:", len(full))
    assert len(full) == expected, f"{method}: {len(full)} full collections now"
PY
echo "as described"
