import pytest

from ibconsole.archive.records import Progress
from ibconsole.cli import out


def test_text_cannot_control_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    """Escape sequences and text direction marks are replaced by blanks."""
    out.write_line("a\x1b[2Jb\u202ec\rd")
    out.write_table(("A", "B"), [("x\ny", "z")])
    out.write_notice("e\x07f")

    written = capfd.readouterr()
    assert written.out == "a [2Jb c d\nA    B\nx y  z\n"
    assert written.err == "e f\n"


def test_json_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    """A JSON value is one line even if its texts contain line breaks."""
    out.write_json({"a": "x\ny", "n": float("nan")})

    assert capfd.readouterr().out == '{"a":"x\\ny","n":null}\n'
    assert out.to_json([1]) == "[1]"


def test_progress_is_written_to_a_terminal_only(capfd: pytest.CaptureFixture[str]) -> None:
    """A terminal gets each tenth of a stage once; a pipe gets none."""
    for enabled in (True, False):
        progress = out.ProgressWriter(enabled=enabled)
        for done in (0, 1, 10, 11, 19, 20):
            progress(Progress("Copying", done, 100))
        progress(Progress("Looking"))
        expected = "Copying…\nCopying… 10 %\nCopying… 20 %\nLooking…\n"
        assert capfd.readouterr().err == (expected if enabled else "")
