"""Changes of cases as the window awaits them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ibconsole.services.evidence.async_cases import AsyncCases
from ibconsole.services.evidence.cases import CaseError, NoSuchCase
from ibconsole.services.evidence.cases.pinning import NotPinned, Pins
from ibconsole.services.evidence.cases.store import CaseStore
from ibconsole.services.evidence.cases.values import CaseItem, FindingContent, NoteContent
from tests.unit.services.evidence.cases.samples import full_case


@pytest.fixture
def store(tmp_path: Path) -> CaseStore:
    return full_case(tmp_path)[0]


@pytest.fixture
def cases(store: CaseStore) -> AsyncCases:
    return AsyncCases(store)


async def test_a_pin_is_whole_or_nothing(store: CaseStore, cases: AsyncCases) -> None:
    """What fails half-way leaves nothing; what was pinned can be taken back."""
    case_id = store.current()
    before = store.read(case_id).items

    def half(pins: Pins) -> Iterator[CaseItem]:
        yield pins.note("one")
        raise NotPinned("There is no message 2.")

    with pytest.raises(NotPinned):
        await cases.pin(case_id, half)
    assert store.read(case_id).items == before

    def whole(pins: Pins) -> Iterator[CaseItem]:
        yield from (pins.note("one"), pins.note("two"))

    pinned = await cases.pin(case_id, whole)
    assert pinned.case_title == "Nothing arrives at Kestrel"
    assert [one.id for one in store.read(case_id).items[-2:]] == list(pinned.items)
    assert (await cases.unpin(pinned)).items == before
    with pytest.raises(NoSuchCase):
        await cases.pin("no id", whole)


async def test_a_removed_item_comes_back_to_its_place(store: CaseStore, cases: AsyncCases) -> None:
    """It comes back with the facts that it refers to, once, whatever has changed meanwhile."""
    case_id = store.current()
    [place] = [
        at
        for at, one in enumerate(store.read(case_id).items)
        if isinstance(one.content, FindingContent)
    ]
    finding = store.read(case_id).items[place]
    [setup] = [one.id for one in store.read(case_id).items if one.kind == "setup"]
    await cases.remove(case_id, setup)
    removed = await cases.remove(case_id, finding.id)
    assert not store.read(case_id).recordings
    with pytest.raises(NoSuchCase, match="not in the case"):
        await cases.remove(case_id, finding.id)

    await cases.put_back(removed)
    case = await cases.put_back(removed)
    assert case.items.index(finding) == place
    assert case.recording("r-1") == removed.recording


async def test_changes_of_a_case(store: CaseStore, cases: AsyncCases) -> None:
    """Titles, comments, texts of notes and the order are the user's."""
    case_id = store.current()
    first, note = store.read(case_id).items[0], "i-8"
    await cases.rename(case_id, "  ZD-4711\n late ")
    await cases.comment(case_id, first.id, "Look at the lag.")
    await cases.comment(case_id, note, "It began on Tuesday.")
    case = await cases.move(case_id, first.id, 2)
    assert (case.title, case.items[2].comment) == ("ZD-4711 late", "Look at the lag.")
    found = case.item(note)
    assert found
    assert found.content == NoteContent(text="It began on Tuesday.")
    assert (found.comment, await cases.read(case_id)) == ("", case)

    other = await cases.create("Another")
    current = await cases.current()
    assert (current.id if current else "") == other.id
    assert [one.title for one in await cases.list()] == ["Another", "ZD-4711 late"]
    await cases.choose(case_id)
    assert await cases.delete(case_id) == "ZD-4711 late"
    assert await cases.current() is None
    assert await cases.restore(case_id) == case


async def test_an_item_as_text(store: CaseStore, cases: AsyncCases) -> None:
    """The details of an item are those of a document, with masked codes."""
    text = await cases.describe(store.current(), "i-1")
    assert "Where is my parcel?" in text
    with pytest.raises(CaseError):
        await cases.describe(store.current(), "gone")
    picture = store.read(store.current()).items[-1].content
    assert (await cases.read_blob(store.current(), next(iter(picture.blobs)))).startswith(b"\x89")
