"""What a command says: human lines on stderr, answers and JSON on stdout, nothing that steers a terminal."""

import argparse
import contextlib
import json
import re
import sys
from typing import Any

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def say(text: str) -> None:
    """One human line, away from stdout so that --json stays clean; signs that steer a terminal become ?."""
    with contextlib.suppress(BrokenPipeError):  # nobody reads it any more; the command goes on all the same
        print(CONTROLS.sub("?", text), file=sys.stderr, flush=True)


def tell(options: argparse.Namespace, stage: str, content: dict[str, Any]) -> None:
    """One JSON object per stage on stdout, where asked for."""
    if options.json:
        print(json.dumps({"stage": stage} | content, sort_keys=True), flush=True)


def show_line(text: str) -> None:
    """One line of an answer on stdout; signs that steer a terminal become ?."""
    print(CONTROLS.sub("?", text))


def quiet(text: str) -> None:
    """Nothing: with --json the one object says it all."""
