"""Preparation of received text for display: masked codes, visible control characters."""

import re

_ENDS = 4
# Characters that reorder their neighbours, break a line or are invisible; escaped as in JSON.
# Without the joiners (200c, 200d), which emoji and several scripts need.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)


def mask_code(code: str) -> str:
    """Keep the first and last four characters: enough to recognize a code, not to use it.

    An application's code doubles as the mobile SDK's credential (platform.md §3).
    """
    if not code:
        return ""
    if len(code) < 4 * _ENDS:
        return "…"
    return f"{code[:_ENDS]}…{code[-_ENDS:]}"


def escape_invisible(text: str) -> str:
    """Replace each invisible character by its escape; tab and newline stay."""
    # Hardly any text contains such a character: testing first takes a fifth of the time.
    if text.isprintable():
        return text
    return _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
