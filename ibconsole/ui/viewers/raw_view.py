"""The received bytes of any size, one part at a time, as text or as a hex dump."""

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ibconsole.plural import counted
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.viewers.json_text import MAX_CHARACTERS, BoundedText, format_plain
from ibconsole.ui.viewers.json_view import JsonView
from ibconsole.ui.widgets import IconButton, muted

PART = MAX_CHARACTERS  # bytes that are fetched at a time
HEX_PART = 32 * 1024  # bytes that are shown at a time in hex

_BYTES_PER_LINE = 16
_CONTINUATION_BYTES = range(0x80, 0xC0)  # of UTF-8


class RawBytes(msgspec.Struct, frozen=True):
    """A part of the bytes, from `start` on, formatted both as text and as hex.

    `text_first` is true if the bytes are text.
    """

    data: bytes
    start: int
    total: int
    text: BoundedText
    hex: BoundedText
    text_first: bool


def prepare_raw(data: bytes, start: int, total: int) -> RawBytes:
    """Format a part for `RawView`; takes some milliseconds."""
    text = format_plain(_whole_characters(data, start, total))
    return RawBytes(data, start, total, text, hex_dump(data, start), is_text(data))


class RawView(QWidget):
    """The view of one part, with buttons for the parts before and after it.

    `part_requested` is emitted with the start of the part to show, `save_requested` to save
    all bytes to a file.
    """

    part_requested = Signal(int)
    save_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._raw: RawBytes | None = None
        self._hex = False
        self.view = JsonView(theme, "Raw bytes")
        self.position = muted("")
        self.previous = IconButton("chevron-up", "Previous part", theme)
        self.next = IconButton("chevron-down", "Next part", theme)
        self.save = IconButton("download", "Save all bytes to a file", theme, text="Save…")
        self._bar = QWidget()
        self._lay_out()
        self.previous.clicked.connect(self._on_previous)
        self.next.clicked.connect(self._on_next)
        self.save.clicked.connect(self.save_requested)
        self.clear()

    @property
    def raw(self) -> RawBytes | None:
        """The part that is shown; None if there is none."""
        return self._raw

    def clear(self) -> None:
        """Show nothing."""
        self._raw = None
        self.view.show_text(BoundedText())
        self._bar.hide()

    def show_part(self, raw: RawBytes, *, as_hex: bool) -> None:
        """Show a part, and its position in the whole."""
        self._raw, self._hex = raw, as_hex
        text = raw.hex if as_hex else raw.text
        # The bar already shows which part this is.
        self.view.show_text(BoundedText(text.text, "" if raw.total else text.note, coloured=False))
        end = raw.start + self._step
        self.position.setText(
            f"Bytes {raw.start:,} to {min(end, raw.total):,} of {raw.total:,}"
            if raw.total > self._step
            else counted(raw.total, "byte")
        )
        paged = raw.total > self._step
        for button in (self.previous, self.next):
            button.setVisible(paged)
        self.previous.setEnabled(raw.start > 0)
        self.next.setEnabled(end < raw.total)
        self._bar.show()

    @property
    def _step(self) -> int:
        return HEX_PART if self._hex else PART

    def _on_previous(self) -> None:
        if self._raw:
            self.part_requested.emit(max(self._raw.start - self._step, 0))

    def _on_next(self) -> None:
        if self._raw:
            self.part_requested.emit(self._raw.start + self._step)

    def _lay_out(self) -> None:
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(3 * SPACE, SPACE, 2 * SPACE, SPACE)
        bar.setSpacing(SPACE)
        bar.addWidget(self.position, 1)
        for button in (self.previous, self.next, self.save):
            bar.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addWidget(self.view, 1)


def _whole_characters(data: bytes, start: int, total: int) -> bytes:
    """Return a part without the incomplete UTF-8 characters at its start and its end."""
    first = 0
    while start and first < min(3, len(data)) and data[first] in _CONTINUATION_BYTES:
        first += 1
    end = len(data)
    if start + len(data) < total:
        while end > max(first, len(data) - 4) and data[end - 1] in _CONTINUATION_BYTES:
            end -= 1
        end -= end > first and data[end - 1] >= _CONTINUATION_BYTES.stop
    return data[first:end]


def hex_dump(body: bytes, offset: int = 0) -> BoundedText:
    """Format bytes as a hex dump: offset, 16 bytes in hex, and their ASCII characters per line.

    Only the first 32 KiB are shown. `offset` is that of the first byte.
    """
    lines = [
        _hex_line(offset + start, body[start : start + _BYTES_PER_LINE])
        for start in _line_starts(body)
    ]
    note = ""
    if len(body) > HEX_PART:
        note = f"Too large to show whole ({len(body):,} bytes): this is the beginning."
    return BoundedText("\n".join(lines), note or ("" if body else "It is empty."), coloured=False)


def is_text(body: bytes) -> bool:
    """Return whether the first 32 KiB are UTF-8 text; tab and line ends are its only controls."""
    start = body[:HEX_PART]
    try:
        text = start.decode()
    except UnicodeDecodeError as error:
        # The cut may be within a character.
        if len(start) - error.start >= 4 or len(body) <= HEX_PART:
            return False
        text = start[: error.start].decode()
    return not any(character < " " and character not in "\t\r\n" for character in text)


def _line_starts(body: bytes) -> range:
    return range(0, min(len(body), HEX_PART), _BYTES_PER_LINE)


def _hex_line(start: int, part: bytes) -> str:
    codes = part.hex(" ").ljust(3 * _BYTES_PER_LINE - 1)
    letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
    return f"{start:08x}  {codes}  {letters}"
