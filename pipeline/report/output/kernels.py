"""Kernels for the notebooks that need one: a process for each."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import PageError
from pipeline.report.released import PUBLISHING

ROOT = Path(__file__).parents[3]
PATIENCE = 120  # seconds for one cell
# figures stay sharp on paper; no history is kept
QUIET = ["--HistoryManager.enabled=False", "--InlineBackend.figure_formats=retina"]
RUNNING: set[Kernel] = set()


@dataclass(frozen=True, slots=True, eq=False)
class Kernel:
    """A process that runs one notebook, and the folder of its sockets."""

    client: Any
    scratch: tempfile.TemporaryDirectory[str]

    def run(self, told: Mapping[str, str]) -> None:
        """Runs every cell; `told` are variables of its environment."""
        environment = os.environ | {
            "IPYTHONDIR": self.scratch.name,
            "PYTHONPATH": str(ROOT),
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            PUBLISHING: "1",
            **told,
        }
        self.client.execute(env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cleanup_kc=False)

    def stop(self) -> None:
        """Ends the process at once, also in the middle of a cell."""
        manager = self.client.km
        if manager and manager.provisioner and manager.provisioner.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(manager.provisioner.pid, signal.SIGKILL)

    def end(self) -> None:
        """Ends the process and removes what it left."""
        RUNNING.discard(self)
        self.client._cleanup_kernel()
        atexit.unregister(self.client._cleanup_kernel)  # where it would be ended a second time
        self.scratch.cleanup()


def new_kernel(notebook: Any, name: str) -> Kernel:
    """A kernel of this very Python, whatever the notebook's own file says.

    No port is opened: nobody else on this machine can listen.
    """
    from nbclient import NotebookClient

    scratch = tempfile.TemporaryDirectory()
    client = NotebookClient(
        notebook,
        timeout=PATIENCE,
        startup_timeout=PATIENCE,
        record_timing=False,
        extra_arguments=QUIET,
        shutdown_kernel="immediate",
    )
    manager = client.create_kernel_manager()
    manager.transport, manager.ip = "ipc", f"{scratch.name}/kernel"
    if manager.kernel_spec is None:
        raise PageError(f"{name} names no kernel to run in; give it the kernel python3 and run it again")
    manager.kernel_spec.argv[0] = sys.executable
    kernel = Kernel(client, scratch)
    RUNNING.add(kernel)
    return kernel


def execute(notebook: Any, name: str, told: Mapping[str, str]) -> None:
    """Runs every cell of a notebook; PageError with the kernel's own last line."""
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    kernel = new_kernel(notebook, name)
    try:
        kernel.run(told)
    except CellExecutionError as fault:
        raise PageError(f"{name}: a cell failed with {fault.ename}: {fault.evalue}") from None
    except (CellTimeoutError, DeadKernelError, RuntimeError) as fault:
        raise PageError(
            f"{name}: its kernel did not start or stopped before the page was done ({fault}); run it again when"
            " this machine is less busy, and take figures out of the notebook if it stops again"
        ) from None
    finally:
        kernel.end()


def stop_kernels() -> None:
    """Stops the kernels that run, so that an end need not wait for the pages that they make."""
    for kernel in list(RUNNING):
        kernel.stop()
