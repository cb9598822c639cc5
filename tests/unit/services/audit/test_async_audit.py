"""The audit as the window reads it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ibconsole.api import Call, CallKind, CallOutcome, CallState
from ibconsole.archive import Archive, ArchiveError, AuditFilter
from ibconsole.secret import Secret
from ibconsole.services.audit.async_audit import AsyncAudit
from ibconsole.services.audit.recording import Audit
from ibconsole.services.connections import Account
from ibconsole.services.connections.account import Credential
from ibconsole.tasks import Tasks

CODE = "0123456789abcdef0123456789abcdef"
ACCOUNT = Account("4f5a", "Acme", "https://xyz.api.infobip.com", Credential(Secret("k" * 20)))
OTHER = Account("77aa", "Bora", "https://abc.api.infobip.com", Credential(Secret("k" * 20)))
CREATE = Call(
    CallKind.CHANGE,
    "POST",
    f"/push/1/applications/{CODE}/configurations/c/actions",
    b'{"type":"HTTP_FORWARD","forwardUrl":"https://hooks.example/in"}',
)
PULL = Call(CallKind.PULL, "GET", "/push/1/inbox/reports?limit=1000")


@pytest.fixture
async def audit(path: Path) -> AsyncIterator[AsyncAudit]:
    """An audit of a change that is done, and of a pull that is under way."""
    recorded = Audit(path)
    await (await recorded.record(ACCOUNT, CREATE, "ticket 7"))(CallOutcome(CallState.DONE, 201))
    await recorded.record(OTHER, PULL)
    audit = AsyncAudit(path)
    yield audit
    await audit.close()


async def test_calls_are_read_in_plain_words(audit: AsyncAudit, path: Path) -> None:
    found = await audit.page(AuditFilter())
    pull, create = found.calls
    assert (pull.what, pull.outcome, pull.is_ended) == (
        "Pull up to 1,000 messages", "not known", False
    )  # fmt: skip
    assert (create.what, create.outcome, create.reason, create.account) == (
        "Create action: forward to https://hooks.example/in", "done (201)", "ticket 7", "Acme"
    )  # fmt: skip
    assert (create.code, found.rest, found.head) == (CODE, None, await audit.head())
    assert (await audit.page(AuditFilter(connection="77aa"))).calls == (pull,)
    assert (await audit.page(AuditFilter(), pull.id)).calls == (create,)
    assert list(await audit.calls([create.id])) == [create]


async def test_details_are_masked(audit: AsyncAudit) -> None:
    details = await audit.details(1)
    assert details
    assert CODE not in str(details)
    assert "0123…cdef" in details["path"]
    assert await audit.details(99) is None


async def test_what_can_be_chosen(audit: AsyncAudit) -> None:
    found = await audit.choices()
    assert (found.accounts, found.codes) == ({"4f5a": "Acme", "77aa": "Bora"}, {"4f5a": (CODE,)})


async def test_verification(audit: AsyncAudit) -> None:
    assert (await audit.verify()).broken is None


async def test_exports(audit: AsyncAudit, tmp_path: Path) -> None:
    assert await audit.export(tmp_path / "audit.csv", AuditFilter(), lambda _: None) == 2


async def test_a_search_that_is_cancelled_ends(audit: AsyncAudit) -> None:
    tasks = Tasks(lambda *_: None)
    tasks.start("search", audit.page, AuditFilter(text="x"))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    tasks.cancel("search")
    await tasks.settled()
    assert (await audit.page(AuditFilter(text="ticket"))).calls


async def test_an_archive_that_appears_later_is_read(tmp_path: Path) -> None:
    audit = AsyncAudit(tmp_path / "archive.sqlite3")
    with pytest.raises(ArchiveError):
        await audit.head()
    Archive(tmp_path / "archive.sqlite3").close()
    assert await audit.head() == ""
    await audit.close()
