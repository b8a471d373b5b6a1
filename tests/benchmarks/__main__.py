"""Every benchmark, one after the other: `make bench`, or `python -m tests.benchmarks small` for a look in a few minutes."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
FULL = {"ingest_sessions.py": ["1e7"], "episodes.py": ["1e7"], "hazards.py": [], "mixed_model.py": [], "bootstrap.py": [],
        "demo_study.py": []}
SMALL = {"ingest_sessions.py": ["1e6"], "episodes.py": ["1e6"], "hazards.py": ["0.02"], "mixed_model.py": ["0.02"],
         "bootstrap.py": ["1e4", "100"], "demo_study.py": ["3000"]}

for script, words in (SMALL if "small" in sys.argv[1:] else FULL).items():
    print(f"\n== {script} {' '.join(words)}", flush=True)
    subprocess.run([sys.executable, str(HERE / script), *words], check=True)
