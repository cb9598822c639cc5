import pytest

from ibconsole.services.documents.problems import (
    DocumentProblem,
    InvalidDocument,
    Lines,
    Position,
    Problems,
    place_in,
)


def test_problems_stand_in_the_order_of_the_file() -> None:
    """Each problem is a line as compilers write it; what belongs to the whole file comes first."""
    problems = [
        DocumentProblem(Position(12, 5), "b"),
        DocumentProblem(Position(2, 9), "a"),
        DocumentProblem(Position(), "the whole"),
    ]

    error = InvalidDocument("setup.yaml", problems)

    assert "\n".join(error.lines) == str(error)
    assert str(error) == "setup.yaml: the whole\nsetup.yaml:2:9: a\nsetup.yaml:12:5: b"


def test_many_problems_are_counted() -> None:
    """A file with a thousand problems fills no terminal."""
    error = InvalidDocument("s", [DocumentProblem(Position(n, 1), "x") for n in range(1, 1_024)])

    assert len(error.problems) == 20
    assert str(error).splitlines()[-1] == "s: 1,003 more problems"


def test_places() -> None:
    """A value that comes from no file has no line."""
    assert place_in("s.yaml", Position(3, 7)) == "s.yaml:3:7"
    assert place_in("s.yaml", Position()) == "s.yaml"


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

    with pytest.raises(InvalidDocument, match=r"s: 1 more problem$"):
        problems.add(Position(21, 1), "x")
