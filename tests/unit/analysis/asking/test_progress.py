"""Whoever waits at a terminal sees how far the questions are; nobody else is told."""

import io

import pytest

from pipeline.analysis.asking.progress import CLEARED, shown


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("stream", "told"), [(Terminal, True), (io.StringIO, False)])
def test_the_line_counts_on_a_terminal_alone_and_is_gone_in_the_end(monkeypatch, stream, told):
    stderr = stream()
    monkeypatch.setattr("sys.stderr", stderr)
    assert list(shown(iter("abc"), 3)) == ["a", "b", "c"]
    assert ("analyze  2 of 3 parts of the questions are answered" in stderr.getvalue()) is told
    assert stderr.getvalue().endswith(CLEARED) is told


def test_the_line_is_gone_where_a_question_stops_the_run(monkeypatch):
    stderr = Terminal()
    monkeypatch.setattr("sys.stderr", stderr)

    def answers():
        yield "a"
        raise ValueError("stopped")

    with pytest.raises(ValueError, match="stopped"):
        list(shown(answers(), 3))
    assert stderr.getvalue().endswith(CLEARED)
