"""Masked codes and visible control characters."""

import pytest

from ibconsole.text import escape_invisible, mask_code


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü 🙂", "plain ü 🙂"),
        ("tab\tand\nnewline", "tab\tand\nnewline"),
        ("a\u202eb\x00", "a\\u202eb\\u0000"),
        ("family 👩\u200d👩", "family 👩\u200d👩"),
    ],
)
def test_escape_invisible(text: str, shown: str) -> None:
    """Invisible and reordering characters are shown as escapes; joiners of emoji stay."""
    assert escape_invisible(text) == shown
