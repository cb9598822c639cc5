"""Codes that are credentials."""

import pytest

from ibconsole.text import mask_code


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53", "2336…8b53"),
        ("0123456789abcdef", "0123…cdef"),
        ("0123456789abcde", "…"),
        ("", ""),
    ],
)
def test_masked(code: str, shown: str) -> None:
    """A code shows its ends, unless they would be half of it."""
    assert mask_code(code) == shown
