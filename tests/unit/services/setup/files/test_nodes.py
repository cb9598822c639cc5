import pytest

from ibconsole.services.setup.files.nodes import (
    Lines,
    Problems,
    Scalar,
    ScalarKind,
    check_halves,
)
from ibconsole.services.setup.files.values import InvalidSetupFile, Position


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_positions_in_all_kinds_of_lines(end: str) -> None:
    """Lines count as editors count them, whatever ends them."""
    text = f"one{end}two{end}{end}four"
    lines = Lines(text)

    assert lines.position(0) == Position(1, 1)
    assert lines.position(text.index("wo")) == Position(2, 2)
    assert lines.position(text.index("four")) == Position(4, 1)
    assert lines.position(len(text)) == Position(4, 5)


def test_too_many_problems_end_the_reading() -> None:
    """Nothing is read after some twenty problems: a hostile file costs no more time."""
    problems = Problems("s")
    for line in range(1, 21):
        problems.add(Position(line, 1), "x")

    with pytest.raises(InvalidSetupFile, match=r"s: 1 more problem$"):
        problems.add(Position(21, 1), "x")


def test_halves_of_characters_are_no_text() -> None:
    """The platform takes whole characters only."""
    problems = Problems("s")
    check_halves(Scalar("Größe 😀", ScalarKind.TEXT, Position(1, 1), (0, 0)), problems)
    problems.require_none()

    check_halves(Scalar("\ud83d", ScalarKind.TEXT, Position(1, 2), (0, 0)), problems)

    with pytest.raises(InvalidSetupFile, match=r"s:1:2: half of a character"):
        problems.require_none()
