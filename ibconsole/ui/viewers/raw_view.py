"""Shows the bytes that came, however many: a part at a time, as text or as hex."""

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.viewers import hex_text, json_text
from ibconsole.ui.viewers.hex_text import hex_dump, is_text
from ibconsole.ui.viewers.json_text import BoundedText, plain
from ibconsole.ui.viewers.json_view import JsonView
from ibconsole.ui.widgets import IconButton, muted

PART = json_text.SHOWN  # bytes that are fetched at a time
_HEX_PART = hex_text.SHOWN
_CONTINUED = range(0x80, 0xC0)


@dataclass(frozen=True, slots=True)
class RawBytes:
    """A part of the bytes, from `start` on, ready to be shown either way.

    `text_first` says which is the better one.
    """

    data: bytes
    start: int
    total: int
    text: BoundedText
    hex: BoundedText
    text_first: bool


def prepared(data: bytes, start: int, total: int) -> RawBytes:
    """Make a part ready; takes some milliseconds."""
    text = plain(_whole_characters(data, start, total))
    return RawBytes(data, start, total, text, hex_dump(data, start), is_text(data))


class RawView(QWidget):
    """`part_wanted` asks for the bytes from there on, `save_wanted` for all in a file."""

    part_wanted = Signal(int)
    save_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._raw: RawBytes | None = None
        self._hex = False
        self.view = JsonView(theme, "Raw bytes")
        self.where = muted("")
        self.back = IconButton("chevron-up", "The part before", theme)
        self.on = IconButton("chevron-down", "The part behind", theme)
        self.save = IconButton("download", "Save all of it to a file", theme, text="Save…")
        self._bar = QWidget()
        self._lay_out()
        self.back.clicked.connect(self._on_back)
        self.on.clicked.connect(self._on_on)
        self.save.clicked.connect(self.save_wanted)
        self.clear()

    @property
    def raw(self) -> RawBytes | None:
        """What is shown; None while nothing is."""
        return self._raw

    def clear(self) -> None:
        """Show nothing."""
        self._raw = None
        self.view.show_text(BoundedText())
        self._bar.hide()

    def show_part(self, raw: RawBytes, *, as_hex: bool) -> None:
        """Show a part, and where in the whole it stands."""
        self._raw, self._hex = raw, as_hex
        text = raw.hex if as_hex else raw.text
        # The bar says it better than a note of the view.
        self.view.show_text(BoundedText(text.text, "" if raw.total else text.note, coloured=False))
        end = raw.start + self._step
        self.where.setText(
            f"Bytes {raw.start:,} to {min(end, raw.total):,} of {raw.total:,}"
            if raw.total > self._step
            else f"{raw.total:,} byte{'' if raw.total == 1 else 's'}"
        )
        paged = raw.total > self._step
        for button in (self.back, self.on):
            button.setVisible(paged)
        self.back.setEnabled(raw.start > 0)
        self.on.setEnabled(end < raw.total)
        self._bar.show()

    @property
    def _step(self) -> int:
        return _HEX_PART if self._hex else PART

    def _on_back(self) -> None:
        if self._raw:
            self.part_wanted.emit(max(self._raw.start - self._step, 0))

    def _on_on(self) -> None:
        if self._raw:
            self.part_wanted.emit(self._raw.start + self._step)

    def _lay_out(self) -> None:
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(3 * SPACE, SPACE, 2 * SPACE, SPACE)
        bar.setSpacing(SPACE)
        bar.addWidget(self.where, 1)
        for button in (self.back, self.on, self.save):
            bar.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addWidget(self.view, 1)


def _whole_characters(data: bytes, start: int, total: int) -> bytes:
    """Without the end of a character that the part before began, and one begun at its own end."""
    first = 0
    while start and first < min(3, len(data)) and data[first] in _CONTINUED:
        first += 1
    end = len(data)
    if start + len(data) < total:
        while end > max(first, len(data) - 4) and data[end - 1] in _CONTINUED:
            end -= 1
        end -= end > first and data[end - 1] >= _CONTINUED.stop
    return data[first:end]
