import pytest

from ibconsole.cli import out


def test_a_message_cannot_steer_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    """Escape sequences and text direction marks are shown as blanks."""
    out.line("a\x1b[2Jb\u202ec\rd")
    out.table(("A", "B"), [("x\ny", "z")])
    out.say("e\x07f")

    written = capfd.readouterr()
    assert written.out == "a [2Jb c d\nA    B\nx y  z\n"
    assert written.err == "e f\n"


def test_json_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    """Whatever is inside, a value is one line."""
    out.json_line({"a": "x\ny", "n": float("nan")})

    assert capfd.readouterr().out == '{"a":"x\\ny","n":null}\n'
    assert out.json_text([1]) == "[1]"
