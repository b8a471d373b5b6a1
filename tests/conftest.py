"""Set before numpy is imported: many small fits are faster, and steadier, on one BLAS thread. And every drawn example is
the same in every run; `pytest --hypothesis-profile=default` draws new ones."""

import os

from hypothesis import settings

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

settings.register_profile("suite", derandomize=True)  # a check that fails by chance is a fault too
settings.load_profile("suite")
