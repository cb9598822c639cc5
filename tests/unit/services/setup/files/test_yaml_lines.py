import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.services.setup.files.nodes import Node, Problems
from ibconsole.services.setup.files.values import InvalidSetupFile
from ibconsole.services.setup.files.yaml_lines import read_lines
from ibconsole.services.setup.files.yaml_nodes import read_yaml

TEXT = """\
# Shops
$schema: x   # for an editor
version: 1

applications:
  - name: Größe & Co:no
    id: "7\\u00e4\\n"   # quoted # twice
  # between
  - name: 'it''s # "here"'
    configuration:
      actions: []
      key: https://h/in?a=1#b,{c} [d]
  - configuration:
    name: null
empty:
other:
- a: 1.5
- b:
    c: true
    d:
"""
PIECES = st.sampled_from(
    [*TEXT.splitlines(), "  - name: a", "    b: 1", "- c: 2", "   d: x", "e:", "  f: ", "true: 1"]
)
CHARACTERS = " :#-'\"\\[]{},&*!|>%@`~?<=\t\r\nax1/\u2028\u0085\ufeff"


def other(text: str) -> Node | None:
    """Return what the parser for all of YAML reads."""
    problems = Problems("s")
    node = read_yaml(text, problems)
    problems.require_none()
    return node


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("text", [TEXT, TEXT.rstrip("\n"), "a: 1", "a:", "a: []", "a:\n- b:"])
def test_the_plain_style_is_read(text: str, end: str) -> None:
    """Names, texts in all quotes, lists and comments have the values and places they have."""
    text = text.replace("\n", end)

    found = read_lines(text)

    assert found is not None
    assert found == other(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "# only\n", "a", "- a", "- a: 1", " a: 1", "a: {}", "a: [b]", "a: |\n  x"),
        *("a: - b", "a: &x b", "a: *x", "a: !x b", "<<: b", "? a", "---\na: 1"),
        *("a: b: c", "a: 'b", 'a: "\\x41"', 'a: "\\ud83d\\ude00"', "a:\tb", "a: b\rc: d"),
        *("a: b\n  c", "a: 1\n b: 2", "a:\n    b: 1\n  c: 2", "a: 1\n- b: 2", "a: b\x85"),
        *("%YAML 1.2\n---\na: 1", "a:\n- b: 1\n  - c: 1"),
        "a:\n- b:\n  - c: 1\n - d: 1",
        "\n".join(f"{' ' * depth}a:" for depth in range(30)),
        "\n".join(f"{' ' * 2 * depth}- a:" if depth else "a:" for depth in range(30)),
        f"a: {'b' * 70_000}",
    ],
)
def test_everything_else_is_left_to_the_parser(text: str) -> None:
    """What is not certain is not guessed."""
    assert read_lines(text) is None


@settings(max_examples=150)
@given(st.lists(PIECES, max_size=6), st.randoms(use_true_random=False))
def test_both_readers_agree(lines: list[str], random: Random) -> None:
    """Whatever the quick reader reads, the parser reads as the same nodes with the same places."""
    text = "\n".join(lines)
    for _ in range(random.choice([0, 0, 1, 3])):
        place = random.randrange(len(text) + 1)
        text = text[:place] + random.choice(CHARACTERS) + text[place + random.randrange(2) :]

    found = read_lines(text)

    if found is not None:
        assert found == other(text)


def test_a_long_line_takes_no_time() -> None:
    """No text makes the reader try again and again."""
    for part in (" ", "#", ":", "a ", "a:", " #", "'", "''", '"', "\\", "-", "a: "):
        text = f"a: {part * 20_000}"
        try:
            other_is = other(text)
        except InvalidSetupFile:
            other_is = None
        assert read_lines(text) in {None, other_is}
        assert read_lines(re.sub("^a: ", "", text)) in {None, other_is}
