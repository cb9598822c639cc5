"""Long identifiers are cut for the indexes, and at a character."""

import pytest

from ibconsole.team_archive.writing.statements import indexed


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("m-1", "m-1"),
        ("a" * 2_000, "a" * 2_000),
        ("a" * 2_001, "a" * 2_000 + "…"),
        ("\u20ac" * 2_000, "\u20ac" * 666 + "…"),
    ],
)
def test_only_absurd_identifiers_are_cut(text: str, shown: str) -> None:
    """An index of the team's archive takes what any platform sends, whole."""
    assert indexed(text) == shown
