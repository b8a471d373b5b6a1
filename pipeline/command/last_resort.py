"""The last net: an error that nobody foresaw becomes one line and a log that holds no value from a record."""

import contextlib
import sys
import tempfile
import traceback
from pathlib import Path

from pipeline.storage.disk import private_files

LOG = "fault.log"
ROOT = Path(__file__).parents[2]


def told(fault: Exception, folder: Path, command: str) -> str:
    """What is said of it: its kind, its place in our code, and the log to report it with."""
    log = written(fault, folder, command)
    with_it = f", with {log}, which holds no value from any record" if log else ""
    return (
        f"something went wrong that was not foreseen ({type(fault).__name__} in {place(fault)}). The last good state "
        f"is untouched. Please report this line{with_it}"
    )


def written(fault: Exception, folder: Path, command: str) -> str:
    """The path of the log, in the study folder or else where temporary files go; '' where neither can be written."""
    for where in (folder, Path(tempfile.gettempdir())):
        with contextlib.suppress(OSError, ValueError), private_files():
            if where.is_dir():
                (where / LOG).write_text(log_of(fault, command), encoding="utf-8")
                return str(where / LOG)
    return ""


def log_of(fault: BaseException, command: str) -> str:
    """Kinds and places only: an error's own words, like the cells a function held, may be a person's."""
    lines = [f"carelevels {command}, Python {sys.version.split()[0]}"]
    chain: BaseException | None = fault
    while chain is not None:
        lines += [type(chain).__module__ + "." + type(chain).__qualname__]
        lines += [f"  {short(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames(chain)]
        chain = chain.__cause__ or chain.__context__
    return "\n".join(lines) + "\n"


def place(fault: Exception) -> str:
    """The innermost place in our own code."""
    ours = [frame for frame in frames(fault) if frame.filename.startswith(str(ROOT / "pipeline"))]
    last = (ours or frames(fault))[-1:]
    return f"{short(last[0].filename)}, line {last[0].lineno}" if last else "an unknown place"


def frames(fault: BaseException) -> traceback.StackSummary:
    return traceback.extract_tb(fault.__traceback__)


def short(filename: str) -> str:
    """A source file without the folders of this machine."""
    path = Path(filename)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else "/".join(path.parts[-3:])
