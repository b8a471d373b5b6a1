"""The process that makes pages: it imports what they need and reads what passed the gate once, and forks for each page.

A page has nothing from the one before it.  No port is opened: pages are asked for over a pair of sockets without a
name.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection, Pipe
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path
from typing import Any, Self

from pipeline.errors import PageError
from pipeline.report.output.kernels import PATIENCE, ROOT
from pipeline.report.output.plain import shown_plainly
from pipeline.report.output.shown import Shown
from pipeline.report.released import HANDED, PUBLISHING, handed_at

ROOMS = ("pipeline.report.sections", "pipeline.report.watching")  # what the cells of our notebooks import


@dataclass(frozen=True, slots=True)
class Wanted:
    """A notebook to run, what it is told, and the environment of its process."""

    notebook: Path
    parameters: Mapping[str, Any]
    environment: Mapping[str, str]


class Press:
    """The process as the one that asks it for pages sees it: it starts at once and gets ready by itself."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", f"from {__name__} import serve; serve({theirs.fileno()})"],
                pass_fds=[theirs.fileno()],
                env=os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.control = Connection(ours.detach())
        self.asking = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *fault: object) -> None:
        if any(fault) or not self.control.poll():  # after an error, or where no page came to need it
            self.stop()
        self.control.close()
        self.process.wait()

    def stop(self) -> None:
        """Ends it at once, and the pages that it is making."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def shown(self, notebook: Path, parameters: Mapping[str, Any], told: Mapping[str, str]) -> Shown | None:
        """What a notebook shows; None where only a kernel can say.  Raises PageError where its process ended first."""
        answer, theirs = Pipe()
        with answer:
            try:
                with theirs, self.asking:
                    self.control.send(Wanted(notebook, parameters, os.environ | told | {PUBLISHING: "1"}))
                    send_handle(self.control, theirs.fileno(), self.process.pid)
            except OSError:  # it could not start
                return None
            try:
                found: Shown | None = answer.recv()
            except EOFError:
                raise PageError(
                    f"{notebook.name}: its process stopped before the page was done (a cell may take {PATIENCE}"
                    " seconds); run it again when this machine is less busy, and take figures out of the notebook if it"
                    " stops again"
                ) from None
        return found


def serve(file: int) -> None:
    """Makes the pages that are asked for through this open file, until nobody can ask for any more."""
    get_ready()
    with Connection(file) as control, contextlib.suppress(EOFError):
        control.send("ready")
        while True:
            wanted = control.recv()
            with Connection(recv_handle(control)) as answer:
                handed_at(wanted.environment[HANDED])
                gc.freeze()
                if os.fork() == 0:
                    make(wanted, answer)
            take_leave(os.WNOHANG)
    take_leave(0)


def take_leave(how: int) -> None:
    """Notes the ends of pages' processes, so that their time counts as this one's; how: 0 waits for all of them."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, how)[0]:
            continue


def make(wanted: Wanted, answer: Connection) -> None:
    """Makes one page and ends this process."""
    try:
        os.environ.clear()
        os.environ.update(wanted.environment)
        answer.send(shown_plainly(wanted.notebook, wanted.parameters, PATIENCE))
    finally:
        os._exit(0)


def get_ready() -> None:
    """Imports what pages need."""
    for room in ROOMS:
        for module in pkgutil.iter_modules(import_module(room).__path__, f"{room}."):
            import_module(module.name)
    import_module("matplotlib.backends.backend_svg")
    from pipeline.report.drawing.canvas import canvas

    canvas(1)
