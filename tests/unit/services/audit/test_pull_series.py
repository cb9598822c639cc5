"""Repeated pulls that bring nothing share two rows of the audit, and nothing is left out."""

from pathlib import Path

import msgspec
import pytest

from ibconsole.api import Call, CallKind, CallOutcome, CallState, NotPermitted
from ibconsole.archive import AuditEntry, AuditFilter, append_audit, read_audit
from ibconsole.secret import Secret
from ibconsole.services.audit.pull_series import COVERED, PullSeries
from ibconsole.services.audit.recording import Audit, RecordedCall, RecordedOutcome
from ibconsole.services.connections import Account
from ibconsole.services.connections.account import Credential

ACCOUNT = Account("4f5a", "Acme", "https://xyz.api.infobip.com", Credential(Secret("k" * 20)))
PULL = Call(CallKind.PULL, "GET", "/push/1/inbox/reports?limit=1000")
EMPTY = CallOutcome(CallState.DONE, 200, size=46, messages=0, pending=0)
TWO = CallOutcome(CallState.DONE, 200, size=900, messages=2, pending=5)
REFUSED = CallOutcome(CallState.REFUSED, 401, "Not this key.")


def _rows(path: Path) -> list[tuple[bool, RecordedOutcome | None]]:
    """Return of each call whether it covers others, and its outcome."""
    return [
        (
            bool(msgspec.json.decode(row.content, type=RecordedCall).covers),
            msgspec.json.decode(row.outcome, type=RecordedOutcome) if row.outcome else None,
        )
        for row in read_audit(path, AuditFilter())
    ]


async def _pull(audit: Audit, *outcomes: CallOutcome, call: Call = PULL) -> None:
    for outcome in outcomes:
        finish = await audit.record(ACCOUNT, call)
        await finish(outcome)


async def test_empty_pulls_of_a_loop_share_two_rows(path: Path) -> None:
    """They end with a pull that brings something or fails, which says how many there were."""
    audit = Audit(path)
    async with audit.repeated_pulls("4f5a"):
        await _pull(audit, EMPTY, EMPTY, TWO, TWO, EMPTY, REFUSED)
        await _pull(audit, EMPTY, EMPTY, EMPTY)
        assert _rows(path)[-1] == (True, None)

    assert _rows(path) == [
        (True, RecordedOutcome("done", 200, size=900, messages=2, pending=5, pulls=3)),
        (True, RecordedOutcome("done", 200, size=900, messages=2, pending=5)),
        (True, RecordedOutcome("refused", 401, "Not this key.", pulls=2)),
        (True, RecordedOutcome("done", 200, size=46, messages=0, pending=0, pulls=3)),
    ]


async def test_single_pulls_and_changes_have_rows_of_their_own(path: Path) -> None:
    audit = Audit(path)
    await _pull(audit, EMPTY, EMPTY)
    async with audit.repeated_pulls("another"):
        await _pull(audit, EMPTY)
    async with audit.repeated_pulls("4f5a"):
        change = Call(CallKind.CHANGE, "DELETE", "/push/1/applications/a")
        await _pull(audit, CallOutcome(CallState.DONE, 204), call=change)
    await _pull(audit, EMPTY)

    assert [covers for covers, _ in _rows(path)] == [False] * 5


async def test_the_intent_is_on_the_disk_before_every_pull(path: Path) -> None:
    """Also before the first one after the end of another row: by size, reason, and an hour."""
    audit = Audit(path)
    async with audit.repeated_pulls("4f5a"):
        for reason, limit in (("a", 1000), ("b", 1000), ("b", 500), ("b", 500)):
            call = Call(CallKind.PULL, "GET", f"/push/1/inbox/reports?limit={limit}")
            finish = await audit.record(ACCOUNT, call, reason)
            stored = msgspec.json.decode(list(read_audit(path, AuditFilter()))[-1].content)
            assert (stored["reason"], stored["path"]) == (reason, call.path)
            assert stored["covers"] == COVERED
            await finish(EMPTY)
    assert [outcome.pulls for _, outcome in _rows(path) if outcome] == [1, 1, 2]


async def test_a_row_covers_an_hour_at_most(path: Path) -> None:
    now = [0]
    audit = Audit(path)
    series = PullSeries(audit._append, lambda: now[0])
    intent = AuditEntry("4f5a", "", '{"path": "x"}')
    for minutes in (0, 30, 59, 60, 61):
        now[0] = minutes * 60_000
        await (await series.record(intent))(EMPTY)
    await series.close()
    await series.close()
    outcomes = [row.outcome for row in read_audit(path, AuditFilter())]
    assert [msgspec.json.decode(one or "{}").get("pulls") for one in outcomes] == [3, 2]


async def test_an_interrupted_pull_leaves_its_row_without_an_outcome(path: Path) -> None:
    """What it did is not known, so no row says how many pulls there were."""
    audit = Audit(path)
    async with audit.repeated_pulls("4f5a"):
        await _pull(audit, EMPTY)
        await audit.record(ACCOUNT, PULL)
        await _pull(audit, EMPTY)
        await audit.record(ACCOUNT, PULL)
    assert [outcome for _, outcome in _rows(path)] == [None, None]


async def test_what_cannot_be_recorded_is_not_pulled(path: Path) -> None:
    path.parent.touch()
    audit = Audit(path)
    async with audit.repeated_pulls("4f5a"):
        for _ in range(2):
            with pytest.raises(NotPermitted, match="Nothing was sent"):
                await audit.record(ACCOUNT, PULL)
    path.parent.unlink()
    assert append_audit(path, AuditEntry("", "", "{}")) == 1
