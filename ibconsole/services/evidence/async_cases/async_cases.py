"""The cases on this disk, read and changed on threads."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from ibconsole.lazy import LazyModule
from ibconsole.services.evidence.async_cases.pinning_work import PinningWork
from ibconsole.services.evidence.cases import (
    Blob,
    Case,
    CaseItem,
    CaseStore,
    CaseSummary,
    NoSuchCase,
    NoteContent,
    Pins,
    Recording,
)

if TYPE_CHECKING:
    from ibconsole.services.evidence.async_cases import item_text
else:  # imported with the first item that is shown
    item_text = LazyModule("ibconsole.services.evidence.async_cases.item_text")


class PinnedItems(msgspec.Struct, frozen=True):
    """The items that one act has pinned, and the title of their case."""

    case_id: str
    case_title: str
    items: Sequence[str]


class RemovedItem(msgspec.Struct, frozen=True):
    """An item that was removed: its place, and the recording that it referred to."""

    case_id: str
    item: CaseItem
    place: int
    recording: Recording | None = None


class AsyncCases:
    """The cases as presenters await them. Every method raises CaseError and NoSuchCase.

    A call that is not awaited any more is finished all the same: a case is never half changed.
    """

    def __init__(self, store: CaseStore) -> None:
        self._store = store

    async def list(self) -> Sequence[CaseSummary]:
        """Return all cases, the one that was changed last first."""
        return await asyncio.to_thread(self._store.list)

    async def current(self) -> CaseSummary | None:
        """Return the case to which things are pinned, None if there is none."""
        return await asyncio.to_thread(self._current)

    async def read(self, case_id: str) -> Case:
        """Return a case."""
        return await asyncio.to_thread(self._store.read, case_id)

    async def read_blob(self, case_id: str, blob: Blob) -> bytes:
        """Return the bytes of a file of a case."""
        return await asyncio.to_thread(self._store.read_blob, case_id, blob)

    async def describe(self, case_id: str, item_id: str) -> str:
        """Return what an item shows as text, with masked codes."""
        return await asyncio.to_thread(self._describe, case_id, item_id)

    async def create(self, title: str) -> Case:
        """Create an empty case, which is the current one from then on."""
        return await asyncio.to_thread(self._store.create, title)

    async def choose(self, case_id: str) -> None:
        """Make a case the current one; none for an empty id."""
        await asyncio.to_thread(self._store.choose, case_id)

    async def rename(self, case_id: str, title: str) -> Case:
        """Change the title of a case."""
        return await self._change(case_id, lambda case: replace(case, title=title))

    async def delete(self, case_id: str) -> str:
        """Delete a case, and return its title; `restore` brings it back within a day."""
        return await asyncio.to_thread(self._delete, case_id)

    async def restore(self, case_id: str) -> Case:
        """Bring a deleted case back."""
        return await asyncio.to_thread(self._store.restore, case_id)

    async def pin(self, case_id: str, work: PinningWork) -> PinnedItems:
        """Pin something to a case: all of it, or with an error nothing. Raises what it raises."""
        return await asyncio.to_thread(self._pin, case_id, work)

    async def remove(self, case_id: str, item_id: str) -> RemovedItem:
        """Remove an item. Raises NoSuchCase if it is not there any more."""
        return await asyncio.to_thread(self._remove, case_id, item_id)

    async def unpin(self, pinned: PinnedItems) -> Case:
        """Remove what was pinned, as far as it is there."""
        return await self._change(pinned.case_id, partial(_without, pinned.items))

    async def put_back(self, removed: RemovedItem) -> Case:
        """Put an item that was removed back to its place."""

        def change(case: Case) -> Case:
            if case.item(removed.item.id):
                return case
            whole = case.with_items(removed.item, recording=removed.recording)
            return whole.with_item_at(removed.item.id, removed.place)

        return await self._change(removed.case_id, change)

    async def move(self, case_id: str, item_id: str, place: int) -> Case:
        """Move an item to a place, counted from 0 without it."""
        return await self._change(case_id, lambda case: case.with_item_at(item_id, place))

    async def comment(self, case_id: str, item_id: str, text: str) -> Case:
        """Change the comment on an item, and of a note its text."""

        def change(case: Case) -> Case:
            item = _item(case, item_id)
            if isinstance(item.content, NoteContent):
                return case.with_item(replace(item, content=NoteContent(text=text)))
            return case.with_item(replace(item, comment=text))

        return await self._change(case_id, change)

    async def _change(self, case_id: str, change: Callable[[Case], Case]) -> Case:
        return await asyncio.to_thread(self._store.change, case_id, change)

    def _current(self) -> CaseSummary | None:
        case_id = self._store.current()
        return CaseSummary(id=case_id, title=self._store.read_title(case_id)) if case_id else None

    def _describe(self, case_id: str, item_id: str) -> str:
        case = self._store.read(case_id)
        read = partial(self._store.read_blob, case_id)
        return item_text.item_text(case, _item(case, item_id), read)

    def _delete(self, case_id: str) -> str:
        title = self._store.read_title(case_id)
        self._store.delete(case_id)
        return title

    def _pin(self, case_id: str, work: PinningWork) -> PinnedItems:
        added: list[str] = []
        try:
            for item in work(Pins(self._store, case_id)):
                added.append(item.id)  # noqa: PERF401 what was added before an error is needed
        except BaseException:
            if added:
                self._store.change(case_id, partial(_without, added))
            raise
        return PinnedItems(case_id, self._store.read_title(case_id), added)

    def _remove(self, case_id: str, item_id: str) -> RemovedItem:
        removed: list[RemovedItem] = []

        def change(case: Case) -> Case:
            item = _item(case, item_id)
            recording = case.recording(getattr(item.content, "recording", ""))
            removed.append(RemovedItem(case_id, item, case.items.index(item), recording))
            return case.without_item(item_id)

        self._store.change(case_id, change)
        return removed[0]


def _item(case: Case, item_id: str) -> CaseItem:
    item = case.item(item_id)
    if item is None:
        raise NoSuchCase(
            f"The item is not in the case “{case.title}” any more: another ibconsole removed it."
            " The rest is unharmed."
        )
    return item


def _without(items: Sequence[str], case: Case) -> Case:
    for one in items:
        case = case.without_item(one)
    return case
