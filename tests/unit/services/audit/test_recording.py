"""What is recorded of a call, and what happens where it cannot be."""

import logging
from pathlib import Path

import msgspec
import pytest

from ibconsole.api import Call, CallKind, CallOutcome, CallState, current_purpose
from ibconsole.archive import AuditFilter, read_audit
from ibconsole.secret import Secret
from ibconsole.services.audit.recording import (
    Audit,
    NotRecorded,
    RecordedCall,
    RecordedOutcome,
    application_of,
    redact,
    user_act,
)
from ibconsole.services.connections import Account
from ibconsole.services.connections.account import Credential

KEY = "0123456789abcdef-fedcba98"
ACCOUNT = Account("4f5a", "Acme", "https://xyz.api.infobip.com", Credential(Secret(KEY)))
PATH = "/push/1/applications/a%20b/configurations/c/actions"
DELETE = Call(CallKind.CHANGE, "POST", PATH, b'{"type":"PULL"}', b'{"key":"k"}')


async def test_a_call_is_recorded_with_its_outcome(path: Path) -> None:
    token = current_purpose.set("You: new action")
    finish = await Audit(path).record(ACCOUNT, DELETE, "  ticket\n7 ")
    current_purpose.reset(token)
    [under_way] = read_audit(path, AuditFilter())
    await finish(CallOutcome(CallState.REFUSED, 409, "There is one.", b"{}"))

    [row] = read_audit(path, AuditFilter())

    assert under_way.outcome is None
    assert (row.connection, row.application) == ("4f5a", "a b")
    call = msgspec.json.decode(row.content, type=RecordedCall)
    assert all((call.user, call.host, call.process))
    assert (call.account, call.credential) == ("Acme", "key 0123…")
    assert (call.place, call.reason) == ("You: new action", "ticket 7")
    assert (call.kind, call.method, call.path) == ("change", "POST", PATH)
    assert (call.before, call.after) == ('{"key":"k"}', '{"type":"PULL"}')
    outcome = msgspec.json.decode(row.outcome or "", type=RecordedOutcome)
    assert outcome == RecordedOutcome("refused", 409, "There is one.", "{}")
    assert KEY not in f"{row.content}{row.outcome}"


async def test_the_calls_of_one_act_have_its_id(path: Path) -> None:
    audit = Audit(path)
    with user_act() as act, user_act("inner") as inner:
        await audit.record(ACCOUNT, DELETE)
        await audit.record(ACCOUNT, DELETE)
    await audit.record(ACCOUNT, DELETE)

    rows = read_audit(path, AuditFilter())
    first, second, alone = (msgspec.json.decode(row.content, type=RecordedCall) for row in rows)

    assert first.act == second.act == act == inner
    assert alone.act not in {act, ""}


async def test_the_title_of_an_act_is_its_reason(path: Path) -> None:
    """What the user says about it is recorded with it."""
    audit = Audit(path)
    with user_act(title="Undo:\nDelete action"), user_act(title="inner"):
        await audit.record(ACCOUNT, DELETE)
        await audit.record(ACCOUNT, DELETE, "ticket 7")
        await audit.record(ACCOUNT, DELETE, "Undo: Delete action")

    rows = read_audit(path, AuditFilter())
    found = [msgspec.json.decode(row.content, type=RecordedCall).reason for row in rows]

    assert found == [
        "Undo: Delete action",
        "Undo: Delete action; ticket 7",
        "Undo: Delete action",
    ]


async def test_a_read_opens_no_archive(path: Path) -> None:
    finish = await Audit(path).record(ACCOUNT, Call(CallKind.READ, "GET", PATH))
    await finish(CallOutcome(CallState.DONE, 200))
    assert not path.parent.exists()


async def test_what_cannot_be_recorded_is_not_permitted(path: Path) -> None:
    path.parent.touch()
    with pytest.raises(NotRecorded, match="Nothing was sent, because it could not be recorded"):
        await Audit(path).record(ACCOUNT, DELETE)


async def test_an_outcome_that_cannot_be_recorded_stays_not_known(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    finish = await Audit(path).record(ACCOUNT, DELETE)
    moved = path.parent.rename(path.parent.with_name("moved"))
    path.parent.touch()

    with caplog.at_level(logging.WARNING):
        await finish(CallOutcome(CallState.DONE, 201))

    assert "row 1 of the audit (done) could not be recorded" in caplog.text
    assert [row.outcome for row in read_audit(moved / path.name, AuditFilter())] == [None]


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"", ""),
        (b"\xff", "\ufffd"),
        (b'{"password":"abc"}', '{"password":"••••"}'),
        (
            b'{"forwardUrl":"https://u:p@a.example/x?token=1&b=2","callback":"c"}',
            '{"forwardUrl":"https://••••@a.example/x?token=••••&b=2","callback":"c"}',
        ),
        (
            b'[1,{"a":["https://a.example/?apiKey=x"]}]',
            '[1,{"a":["https://a.example/?apiKey=••••"]}]',
        ),
    ],
)
def test_credentials_are_masked_by_their_names(body: bytes, shown: str) -> None:
    assert redact(body) == shown


def test_deep_json_is_kept_as_it_is() -> None:
    assert redact(b"[" * 10_000) == "[" * 10_000


@pytest.mark.parametrize(
    ("path", "code"),
    [(PATH, "a b"), ("/push/1/applications", ""), ("/push/1/applications/x?y=1", "x")],
)
def test_the_application_of_a_path(path: str, code: str) -> None:
    assert application_of(path) == code
