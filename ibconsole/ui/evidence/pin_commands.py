"""The commands that pin to a case: what is selected, a picture, the whole setup, a note."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.lazy import LazyModule
from ibconsole.ui.evidence.pin_places import PinOffer, PinPlaces, short_title
from ibconsole.ui.toolkit import Command, Group, UiTasks
from ibconsole.ui.widgets import Toasts, open_dialog

if TYPE_CHECKING:
    from ibconsole.services.evidence.async_cases import PinnedItems, PinningWork
    from ibconsole.services.evidence.cases import Case, CaseItem, CaseSummary, Pins
    from ibconsole.ui.evidence import pin_dialog
else:  # imported with the first question
    pin_dialog = LazyModule("ibconsole.ui.evidence.pin_dialog")

_NO_CASE = "No case is current: pin something first, or choose a case under Cases."
_NOTHING_PINNED = "Nothing was pinned since the window was opened."
_LONGEST_TITLE = 32  # characters of a case's title in the name of a command


class PinnedCases(Protocol):
    """The cases to which something is pinned."""

    async def list(self) -> "Sequence[CaseSummary]": ...
    async def current(self) -> "CaseSummary | None": ...
    async def create(self, title: str) -> "Case": ...
    async def choose(self, case_id: str) -> None: ...
    async def pin(self, case_id: str, work: "PinningWork") -> "PinnedItems": ...
    async def unpin(self, pinned: "PinnedItems") -> "Case": ...


class PinCommands(QObject):
    """Pins to the current case, and asks for one if there is none.

    `cases` returns the cases; it is called on a thread, since it imports what pins.
    `suggested_title` returns a title for a new case. `case_changed` carries the id of a case, or
    an empty one if another case is current; `export_requested` that of a case to be exported.
    """

    case_changed = Signal(str)
    export_requested = Signal(str)

    def __init__(
        self,
        places: PinPlaces,
        cases: Callable[[], PinnedCases],
        tasks: UiTasks,
        toasts: Toasts,
        window: QWidget,
        *,
        suggested_title: Callable[[], str],
    ) -> None:
        super().__init__(window)
        self._places = places
        self._find_cases = cases
        self._found: PinnedCases | None = None
        self._tasks = tasks
        self._toasts = toasts
        self._window = window
        self._suggested_title = suggested_title
        self._count = 0
        self._last: PinnedItems | None = None
        self._current: CaseSummary | None = None
        self.pin = self._command("Pin to a case…", self._on_pin, "Ctrl+Shift+P")
        self.pin_and_export = self._command(
            "Pin, and export the case…", self._on_pin_and_export, "Ctrl+Shift+B"
        )
        self.pin_elsewhere = self._command("Pin to another case…", self._on_pin_elsewhere)
        self.setup = self._command("Pin the setup of all applications", self._on_setup)
        self.picture = self._command("Pin a picture of this pane", self._on_picture)
        self.note = self._command("Add a note to the case…", self._on_note)
        self.undo = self._command("Undo the last pin", self.undo_last)
        self.commands = (
            self.pin,
            self.pin_and_export,
            self.pin_elsewhere,
            self.setup,
            self.picture,
            self.note,
            self.undo,
        )
        places.changed.connect(self._update)
        self._update()

    def follow_current(self) -> None:
        """Read which case is current."""
        self._tasks.start("current case", self._follow_current)

    def pin_offer(self, offer: PinOffer) -> None:
        """Pin something to the current case; ask for one if there is none."""
        self._start(offer)

    def undo_last(self) -> None:
        """Take back what was pinned last."""
        if self._last:
            self._tasks.start("undo the last pin", self._unpin, self._last)

    async def _cases(self) -> PinnedCases:
        if self._found is None:
            self._found = await asyncio.to_thread(self._find_cases)
        return self._found

    async def _follow_current(self) -> None:
        self._show_current(await (await self._cases()).current())

    def _show_current(self, current: "CaseSummary | None") -> None:
        self._current = current
        title = short_title(current.title, _LONGEST_TITLE) if current else ""
        self.pin.rename(f"Pin to case “{title}”" if current else "Pin to a case…")
        self._update()

    def _start(self, offer: PinOffer, *, ask: bool = False, export: bool = False) -> None:
        if offer.gather is None:
            self._toasts.show(Severity.INFO, offer.reason)
            return
        # Each under a name of its own: another pin must not cancel this one.
        self._count += 1
        self._tasks.start(f"pin {self._count}", self._pin, offer, ask=ask, export=export)

    async def _pin(self, offer: PinOffer, *, ask: bool, export: bool) -> None:
        current = None if ask else await (await self._cases()).current()
        if current:
            await self._pin_to(current.id, offer, export=export)
            return
        cases = [one for one in await (await self._cases()).list() if not one.problem]
        title = self._suggested_title()
        dialog = pin_dialog.PinDialog(offer.noun, cases, title, self._toasts.theme, self._window)

        def start(work: Callable[[str], object]) -> Callable[[str], None]:
            self._count += 1
            name = f"pin {self._count}"
            return lambda text: self._tasks.start(name, work, text)  # type: ignore[arg-type]

        async def create(title: str) -> None:
            await self._pin_to((await (await self._cases()).create(title)).id, offer, export=export)

        async def choose(case_id: str) -> None:
            await (await self._cases()).choose(case_id)
            await self._pin_to(case_id, offer, export=export)

        dialog.created.connect(start(create))
        dialog.chosen.connect(start(choose))
        open_dialog(dialog)

    async def _pin_to(self, case_id: str, offer: PinOffer, *, export: bool) -> None:
        assert offer.gather, "else nothing was started"  # noqa: S101
        if offer.waits:
            self._toasts.show(Severity.INFO, offer.waits)
        pinned = await (await self._cases()).pin(case_id, await offer.gather())
        self._last = pinned
        await self._follow_current()
        self.case_changed.emit(case_id)
        sentence = f"Pinned {offer.noun} to the case “{short_title(pinned.case_title)}”."
        self._toasts.show(Severity.OK, sentence, action="Undo", run=self.undo_last)
        if export:
            self.export_requested.emit(case_id)

    async def _unpin(self, pinned: "PinnedItems") -> None:
        self._last = None
        self._update()
        case = await (await self._cases()).unpin(pinned)
        self.case_changed.emit(pinned.case_id)
        self._toasts.show(
            Severity.INFO, f"Nothing of it is in the case “{short_title(case.title)}” any more."
        )

    def _update(self) -> None:
        reason = self._places.offer.reason
        for command in (self.pin, self.pin_and_export, self.pin_elsewhere):
            command.set_disabled_reason(reason)
        place = self._places.current
        self.picture.set_disabled_reason("" if place else "No pane is open.")
        self.note.set_disabled_reason("" if self._current else _NO_CASE)
        self.undo.set_disabled_reason("" if self._last else _NOTHING_PINNED)

    def _on_pin(self) -> None:
        self._start(self._places.offer)

    def _on_pin_and_export(self) -> None:
        self._start(self._places.offer, export=True)

    def _on_pin_elsewhere(self) -> None:
        self._start(self._places.offer, ask=True)

    def _on_setup(self) -> None:
        self._start(self._places.whole_setup())

    def _on_picture(self) -> None:
        place = self._places.current
        if place is None:
            return
        image, title = place.widget.grab().toImage(), place.title

        async def gather() -> "PinningWork":
            data = await asyncio.to_thread(_png_of, image)
            return lambda pins: iter((pins.picture(data, title),))

        self._start(PinOffer(f"a picture of {title}", gather))

    def _on_note(self) -> None:
        if self._current is None:
            return
        dialog = pin_dialog.NoteDialog(self._current.title, self._toasts.theme, self._window)

        def write(text: str) -> None:
            async def gather() -> "PinningWork":
                return note_to_pin(text)

            self._start(PinOffer("a note", gather))

        dialog.written.connect(write)
        open_dialog(dialog)

    def _command(self, name: str, run: Callable[[], object], shortcut: str = "") -> Command:
        return Command(name, Group.EVIDENCE, run, shortcut=shortcut, parent=self)


class PictureFailed(UserError):
    """A picture of a pane could not be made."""


def note_to_pin(text: str) -> "PinningWork":
    """Return the work that adds a note."""

    def work(pins: "Pins") -> "Iterator[CaseItem]":
        yield pins.note(text)

    return work


def _png_of(image: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise PictureFailed("The pane could not be made a picture; the case was not changed.")
    return bytes(data.data())
