"""Whoever waits at a terminal sees how far a stage is and about what is left; nobody else is told."""

import io

import pytest

from pipeline.storage.progress import CLEARED, left, shown


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("stream", "told"), [(Terminal, True), (io.StringIO, False)])
def test_the_line_counts_on_a_terminal_alone_and_is_gone_in_the_end(monkeypatch, stream, told):
    stderr = stream()
    monkeypatch.setattr("sys.stderr", stderr)
    assert list(shown(iter("abc"), 3, "build", "tables are built")) == ["a", "b", "c"]
    assert ("build    2 of 3 tables are built" in stderr.getvalue()) is told
    assert stderr.getvalue().endswith(CLEARED) is told


def test_the_line_is_gone_where_a_question_stops_the_run(monkeypatch):
    stderr = Terminal()
    monkeypatch.setattr("sys.stderr", stderr)

    def answers():
        yield "a"
        raise ValueError("stopped")

    with pytest.raises(ValueError, match="stopped"):
        list(shown(answers(), 3, "build", "tables are built"))
    assert stderr.getvalue().endswith(CLEARED)


def test_what_is_left_is_guessed_from_what_is_done_and_not_in_the_first_seconds():
    assert left(1.0, 1, 10) == ""
    assert left(20.0, 2, 4) == "; about 20 s left"
    assert left(600.0, 2, 4) == "; about 10 minutes left"
    assert left(600.0, 4, 4) == ""


def test_a_run_whose_stderr_was_closed_goes_on(monkeypatch):
    """As carelevels run 2>&- does, which Python tells as None."""
    monkeypatch.setattr("sys.stderr", None)
    assert list(shown(iter("ab"), 2, "build", "tables are built")) == ["a", "b"]


def test_a_line_stays_one_line_on_a_narrow_terminal(monkeypatch):
    stderr = Terminal()
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setenv("COLUMNS", "20")
    assert list(shown(iter("ab"), 2, "analyze", "parts of the questions are answered")) == ["a", "b"]
    assert max(len(one) for one in stderr.getvalue().split(CLEARED)) == 19
