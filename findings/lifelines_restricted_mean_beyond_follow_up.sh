#!/usr/bin/env bash
# The mean time in care up to day 30 cannot be known where nobody was followed beyond day 15: the curve ends there.  lifelines
# draws its last step on to day 30 and returns 21.67 days for three people, one of whom left on day 5 and two of whom were last
# seen on days 10 and 15: no error, no warning, no NaN.  (R's survival and survRM2 stop at the last day.)
# Seen with lifelines 0.30.3, pandas 2.3.3, numpy 2.4.6 on Python 3.11.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check lifelines==0.30.3 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1 autograd==1.9.1 \
  autograd-gamma==0.5.0 formulaic==1.2.2 matplotlib==3.11.2
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import warnings

import lifelines
from lifelines.utils import restricted_mean_survival_time

curve = lifelines.KaplanMeierFitter().fit([5, 10, 15], [1, 0, 0])
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    beyond = float(restricted_mean_survival_time(curve, t=30))
last = float(restricted_mean_survival_time(curve, t=15))
print("lifelines", lifelines.__version__)
print("to day 15, the last day that anybody was seen:", round(last, 4))
print("to day 30:                                    ", round(beyond, 4), "warnings:", [str(one.message) for one in said])
assert round(last, 4) == round(5 + 10 * 2 / 3, 4)
assert round(beyond, 4) == round(5 + 25 * 2 / 3, 4), "it is no longer drawn on"
assert not said, "it warns now"
PY
echo "as described"
