import pytest

from ibconsole.services.documents.nodes import Scalar, ScalarKind, check_halves
from ibconsole.services.documents.problems import InvalidDocument, Position, Problems


def test_halves_of_characters_are_no_text() -> None:
    """The platform takes whole characters only."""
    problems = Problems("s")
    check_halves(Scalar("Größe 😀", ScalarKind.TEXT, Position(1, 1), (0, 0)), problems)
    problems.require_none()

    check_halves(Scalar("\ud83d", ScalarKind.TEXT, Position(1, 2), (0, 0)), problems)

    with pytest.raises(InvalidDocument, match=r"s:1:2: half of a character"):
        problems.require_none()
