"""Bytes as a hex dump, for what is no text."""

from ibconsole.ui.viewers.json_text import BoundedText

SHOWN = 32 * 1024  # bytes; a line for every 16 of them

_WIDTH = 16


def hex_dump(body: bytes, offset: int = 0) -> BoundedText:
    """Offset, bytes and what is ASCII of them; the beginning, if there are many.

    `offset` is that of the first one.
    """
    lines = [_line(offset + start, body[start : start + _WIDTH]) for start in _starts(body)]
    note = ""
    if len(body) > SHOWN:
        note = f"Too large to show whole ({len(body):,} bytes): this is the beginning."
    return BoundedText("\n".join(lines), note or ("" if body else "It is empty."), coloured=False)


def is_text(body: bytes) -> bool:
    """Whether the beginning of a body is UTF-8 without control characters that text lacks."""
    start = body[:SHOWN]
    try:
        text = start.decode()
    except UnicodeDecodeError as error:
        # The end of the beginning may lie within a character.
        if len(start) - error.start >= 4 or len(body) <= SHOWN:
            return False
        text = start[: error.start].decode()
    return not any(character < " " and character not in "\t\r\n" for character in text)


def _starts(body: bytes) -> range:
    return range(0, min(len(body), SHOWN), _WIDTH)


def _line(start: int, part: bytes) -> str:
    codes = part.hex(" ").ljust(3 * _WIDTH - 1)
    letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
    return f"{start:08x}  {codes}  {letters}"
