"""Comparison of what an archive holds."""

import gzip
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.services.comparison.comparison import Side
from ibconsole.services.comparison.stored import NothingToCompare, StoredComparer, StoredKind
from ibconsole.services.messages.message_reader import on_disk
from ibconsole.services.protection import Policy, PolicyInForce
from tests.unit.archive.deliveries import batch, forward, pull

CODES = [f"233623e3c860b49ec69a46483434348{n}-8bj4el4a-256d-23fd-56ad-b5bc3d568b53" for n in "12"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        for number, code in enumerate(CODES):
            message = {"messageId": str(number), "applicationCode": code, "text": f"to {code}"}
            forward(archive, {**message, "customPayload": {"n": number}})
        pull(archive, gzip.compress(batch({"messageId": "0"})))
        pull(archive, batch({"messageId": "1"}))
    return path


@pytest.mark.parametrize("policy", [Policy(), Policy(forbid_revealed_codes=True)])
async def test_messages_are_compared_with_masked_codes(path: Path, policy: Policy) -> None:
    """Codes differ also where their masks are equal, and the window shows none of them."""
    stored = StoredComparer(on_disk(path), lambda: PolicyInForce(policy))

    found = await stored.compare(StoredKind.MESSAGE, 1, 2)

    shown = {row.group: (row.left, row.right, row.side) for row in found.rows}
    assert shown["customPayload.n"] == ("0", "1", Side.DIFFERENT)
    mask = '"2336…8b53"'
    right = f"{mask} (differs in what is masked)"
    assert shown["applicationCode"] == (mask, right, Side.DIFFERENT)
    assert not any(code in str(found.rows) for code in CODES)


async def test_deliveries_are_compared_decompressed(path: Path) -> None:
    """The bodies of two deliveries are compared as the platform meant them."""
    found = await StoredComparer(on_disk(path)).compare(StoredKind.DELIVERY, 3, 4)

    differing = [row for row in found.rows if row.side is not Side.EQUAL]
    assert [(row.group, row.left, row.right) for row in differing] == [
        ("results[0]", '{"messageId": "0"}', ""),
        ("results[0]", "", '{"messageId": "1"}'),
    ]


@pytest.mark.parametrize("kind", StoredKind)
async def test_what_is_not_stored_is_said(path: Path, kind: StoredKind) -> None:
    """A number without a message or a delivery is named."""
    with pytest.raises(NothingToCompare, match="9"):
        await StoredComparer(on_disk(path)).compare(kind, 1, 9)
