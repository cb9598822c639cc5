"""Items as text."""

from functools import partial
from pathlib import Path

from ibconsole.services.evidence.async_cases.item_text import item_text
from ibconsole.services.evidence.cases.values import Blob
from tests.unit.services.diagnosis.samples import CODE
from tests.unit.services.evidence.cases.samples import full_case


def test_every_kind_as_text(tmp_path: Path) -> None:
    """Each kind of item has a text, and no application code is readable in any."""
    store, case = full_case(tmp_path)
    read = partial(store.read_blob, case.id)
    texts = {one.kind: item_text(case, one, read) for one in case.items}
    assert CODE not in "".join(texts.values())
    assert "Message id                m-5d3a0c1e-0001" in texts["message"]
    assert '"text": "Where is my parcel?"' in texts["message"]
    assert "Retry-After: 30" in texts["forward"]
    assert "The forward URL was changed" in texts["timeline"]
    assert texts["note"] == "It began **on Monday**."
    assert texts["picture"] == ""
    assert all(texts[kind] for kind in texts if kind != "picture")


def test_long_bodies_are_cut(tmp_path: Path) -> None:
    """The window shows a bounded part of an item."""
    _, case = full_case(tmp_path)

    def read(blob: Blob) -> bytes:
        return b"x" * 1_000_000 if blob.size else b""

    assert len(item_text(case, case.items[0], read)) <= 100_001
