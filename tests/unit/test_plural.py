"""Singular and plural."""

import pytest

from ibconsole.plural import counted


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 messages"), (1, "1 message"), (2, "2 messages"), (2000, "2,000 messages")],
)
def test_counted(number: int, text: str) -> None:
    """One is singular; thousands are grouped."""
    assert counted(number, "message") == text


def test_irregular_plural() -> None:
    """A plural that does not add an s is given."""
    assert counted(1, "body", "bodies") == "1 body"
    assert counted(2, "body", "bodies") == "2 bodies"
