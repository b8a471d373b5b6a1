import os
import subprocess
import sys
import time

import pytest

from pipeline.errors import BusyError, DiskError
from pipeline.storage.locks import locked
from pipeline.study import Study


def test_a_second_run_waits_says_so_and_gives_up_with_advice(tmp_path):
    study, said = Study(folder=tmp_path), []
    with (
        locked(study),
        pytest.raises(BusyError, match="wait for it to end"),
        locked(study, patience=0.3, say=said.append),
    ):
        pass
    assert said == [f"another run holds {tmp_path}; waiting for it to end"]


def test_the_lock_of_a_killed_run_is_gone_with_it(tmp_path):
    script = (
        "import time\nfrom pathlib import Path\nfrom pipeline.storage.locks import locked\nfrom pipeline.study import Study\nwith"
        f" locked(Study(folder=Path({str(tmp_path)!r}))):\n    print('held', flush=True)\n    time.sleep(60)\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    )
    assert holder.stdout.readline() == b"held\n"
    holder.kill()
    holder.wait()
    started = time.perf_counter()
    with locked(Study(folder=tmp_path), patience=5):
        assert time.perf_counter() - started < 5


def test_those_who_only_read_hold_a_study_together_and_keep_a_run_out(tmp_path):
    study = Study(folder=tmp_path)
    with (
        locked(study, shared=True),
        locked(study, shared=True, patience=0),
        pytest.raises(BusyError),
        locked(study, patience=0),
    ):
        pass


def test_a_folder_in_the_place_of_the_lock_is_told(tmp_path):
    (tmp_path / ".lock").mkdir()
    with pytest.raises(DiskError, match="move that folder away"), locked(Study(folder=tmp_path)):
        pass
