"""A store with a case of every kind, for the tests of the window's side."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage

from ibconsole.services.evidence.async_cases import AsyncCases, PinningWork
from ibconsole.services.evidence.cases.pinning import Pins
from ibconsole.services.evidence.cases.store import CaseStore
from ibconsole.services.evidence.cases.values import Case, CaseItem
from ibconsole.ui.evidence.pin_places import PinOffer
from tests.unit.services.evidence.cases.samples import full_case


class Evidence:
    """The cases of a test on the disk, and as presenters await them."""

    def __init__(self, folder: Path, *, empty: bool = False) -> None:
        self.store = CaseStore(folder) if empty else full_case(folder)[0]
        self.cases = AsyncCases(self.store)

    @property
    def case(self) -> Case:
        """The current case."""
        return self.store.read(self.store.current())


def note_work(text: str) -> PinningWork:
    """Return work that pins a note."""

    def work(pins: Pins) -> Iterator[CaseItem]:
        yield pins.note(text)

    return work


def offer_of(text: str) -> PinOffer:
    """Return the offer of a note."""

    async def gather() -> PinningWork:
        return note_work(text)

    return PinOffer(f"the note {text}", gather)


class Texts(dict[str, str]):
    """Texts that are remembered."""

    def text(self, name: str) -> str:
        return self.get(name, "")

    def set_text(self, name: str, text: str) -> None:
        self[name] = text


def decoded(texts: Mapping[str, str], name: str) -> object:
    """Return a remembered text that is JSON."""
    return msgspec.json.decode(texts[name])


def is_picture(data: bytes) -> bool:
    """Return whether bytes are a picture in which something is to be seen."""
    image = QImage.fromData(data)
    return not image.isNull() and image.pixelColor(QPoint(1, 1)).isValid()
