"""Words of a command line: those that the shell itself makes of it."""

import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.pasting.shell_words import cmd_words, is_of_cmd, posix_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("a  'b c'\t\"d e\"", ["a", "b c", "d e"]),
        ("a \\\n  b \\\r\n c", ["a", "b", "c"]),
        (r"a\ b 'c'\''d'", ["a b", "c'd"]),
        ('"a\\"b\\\\c\\d\\\ne"', ['a"b\\c\\de']),
        (r"$'a\'b\n\x41\u00fc\101\q'", ["a'b\nAüAq"]),
        ("$'\\UFFFFFFFF'", ["\ufffd"]),
        ("$HOME `id` $(id)", ["$HOME", "`id`", "$(id)"]),
        ("a | b", ["a"]),
        ("a#b #c", ["a#b"]),
        ("a; rm -r /", ["a"]),
        ("a\nb", ["a"]),
        ("'not closed", ["not closed"]),
        ('"not closed', ["not closed"]),
        ("$'not closed\\", ["not closed"]),
        ("''", [""]),
        ("end\\", ["end"]),
    ],
)
def test_words_of_a_posix_shell(text: str, words: list[str]) -> None:
    """Quotes and escapes are those of bash; nothing is expanded, and one command is read."""
    assert posix_words(text) == words


@given(st.lists(st.text()))
def test_quoted_words_come_back(words: list[str]) -> None:
    """Words that were quoted for a shell are read as they were."""
    assert posix_words(shlex.join(words)) == words


@given(st.lists(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))))
def test_words_for_a_program_of_windows(words: list[str]) -> None:
    """Words that were quoted as Windows does are read as they were, without carets."""
    line = subprocess.list2cmdline([f'{word} "' for word in words])
    escaped = "".join(f"^{letter}" for letter in line)

    assert cmd_words(escaped) == [f'{word} "' for word in words]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('a "b c" ^\r\n  -d "x"', ["a", "b c", "-d", "x"]),
        ('^"a?x=1^&y=^%^20^" ^\n  -H ^"b: c^"', ["a?x=1&y=%20", "-H", "b: c"]),
        ('--data-raw ^"^{^\\^"a^\\^":1^}^"', ["--data-raw", '{"a":1}']),
        ('"{\\"a\\":\\"b\\\\\\"}"', ['{"a":"b\\"}']),
        ("a^\n\nb", ["a\nb"][0].split("\n")),
        ("a & del b", ["a"]),
        ('"" x', ["", "x"]),
        ("a^", ["a"]),
    ],
)
def test_words_of_cmd(text: str, words: list[str]) -> None:
    """Carets are cmd's, quotes and backslashes those of the program; one command is read."""
    assert cmd_words(text) == words


@given(st.text())
def test_any_text(text: str) -> None:
    """Any text has words."""
    assert all(isinstance(word, str) for word in [*posix_words(text), *cmd_words(text)])


def test_which_shell() -> None:
    """A command is of cmd if its lines go on with a caret, or its quotes have one."""
    assert is_of_cmd("curl x ^\r\n -v")
    assert is_of_cmd('curl ^"x^"')
    assert not is_of_cmd("curl 'x' \\\n -d '2^3'")
