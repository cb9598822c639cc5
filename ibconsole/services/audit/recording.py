"""Recording what is sent to accounts: the intent before the request, the outcome after it."""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from ibconsole import __version__
from ibconsole.api import (
    Call,
    CallKind,
    CallOutcome,
    Finish,
    NotPermitted,
    current_act,
    current_purpose,
    finish_unrecorded,
)
from ibconsole.lazy import LazyModule, lazy_pattern
from ibconsole.services.audit.pull_series import COVERED, PullSeries
from ibconsole.services.connections import Account
from ibconsole.services.request_log import redact_body, redact_url
from ibconsole.tasks import run_to_completion

if TYPE_CHECKING:
    import getpass

    from ibconsole import archive
else:  # a command that only reads does not load them
    getpass = LazyModule("getpass")
    archive = LazyModule("ibconsole.archive")

log = logging.getLogger(__name__)

_LONGEST_ANSWER = 16_384  # characters that are kept of the answer to a change
_APPLICATION = lazy_pattern(r"(?<=/applications/)[^/?]+")


_title: ContextVar[str] = ContextVar("title", default="")


class NotRecorded(NotPermitted):
    """The intent to send a call could not be recorded; nothing was sent."""


class RecordedCall(msgspec.Struct, frozen=True, omit_defaults=True):
    """The intent of a call as it is stored, as JSON.

    `before` and `after` are those of the object that is changed, empty if not known.
    `act` is an id that the calls of one act of the user have in common, see `user_act`. `covers`
    is not empty if the row stands for several pulls, see `PullSeries`. The last two are of a row
    about removed ones: the number and the hash of the last of them.
    """

    user: str
    host: str
    process: str
    account: str
    base_url: str
    credential: str
    place: str
    reason: str
    kind: str
    method: str
    path: str
    before: str = ""
    after: str = ""
    act: str = ""
    covers: str = ""
    removed_until: str = ""
    removed_hash: str = ""


class RecordedOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """The outcome of a call as it is stored, as JSON; see CallOutcome."""

    state: str
    status: int | None = None
    problem: str = ""
    answer: str = ""
    size: int | None = None
    messages: int | None = None
    pending: int | None = None
    pulls: int = 1


class Audit:
    """The record of changes and pulls, in an archive that is opened only to write into it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._series: dict[str, PullSeries] = {}  # by the UUID of the connection

    @asynccontextmanager
    async def repeated_pulls(self, connection: str) -> AsyncIterator[None]:
        """Let pulls on a connection that bring nothing share two rows while the block runs."""
        series = self._series[connection] = PullSeries(self._append)
        try:
            yield
        finally:
            self._series.pop(connection, None)
            await run_to_completion(series.close())

    async def record(self, account: Account | None, call: Call, reason: str = "") -> Finish:
        """Record the intent to send a call, on the disk when this returns; reads are not recorded.

        A test needs no account. Raises NotRecorded.
        """
        if call.kind is CallKind.READ:
            return finish_unrecorded
        recorded = describe_call(account, call, reason)
        connection = account.connection if account else ""
        series = self._series.get(connection) if call.kind is CallKind.PULL else None
        if series:
            recorded = replace(recorded, covers=COVERED)
        content = encode_content(recorded)
        entry = archive.AuditEntry(connection, application_of(call.path), content)
        return await (series.record(entry) if series else self._append(entry))

    async def _append(self, entry: "archive.AuditEntry") -> Finish:
        try:
            number = await asyncio.to_thread(archive.append_audit, self._path, entry)
        except archive.ArchiveError as error:
            raise NotRecorded(
                f"Nothing was sent, because it could not be recorded in the audit. {error}"
            ) from error

        async def finish(outcome: CallOutcome) -> None:
            content = encode_content(describe_outcome(outcome))
            ended = archive.AuditEntry("", "", content, number)
            try:
                await asyncio.to_thread(archive.append_audit, self._path, ended)
            except archive.ArchiveError as error:  # what was sent cannot be taken back
                log.warning(
                    "The outcome of row %d of the audit (%s) could not be recorded: it stays"
                    " there as not known. %s",
                    number,
                    outcome.state,
                    error,
                )

        return finish


@contextmanager
def user_act(act: str = "", title: str = "") -> Iterator[str]:
    """Record all calls of the block as parts of one act of the user, and return its id.

    In nested blocks the outermost act applies. A call without a block is an act of its own. The
    `title` of the act is recorded as a reason, before the one that the user gave.
    """
    tokens = (
        current_act.set(current_act.get() or act or uuid4().hex),
        _title.set(_title.get() or title),
    )
    try:
        yield current_act.get()
    finally:
        current_act.reset(tokens[0])
        _title.reset(tokens[1])


def describe_process() -> dict[str, str]:
    """Return who runs which program on which computer, by the names of RecordedCall."""
    return {
        "user": user_name(),
        "host": socket.gethostname(),
        "process": f"ibconsole {__version__}, process {os.getpid()}",
    }


def describe_call(account: Account | None, call: Call, reason: str) -> RecordedCall:
    """Return who is about to send which call, from where, and why."""
    return RecordedCall(
        **describe_process(),
        account=account.name if account else "",
        base_url=account.base_url if account else "",
        credential=account.credential.label if account else "",
        place=current_purpose.get(),
        reason=_reason(reason),
        kind=call.kind.value,
        method=call.method,
        path=call.path,
        before=redact(call.before),
        after=redact(call.body),
        act=current_act.get() or ("" if call.kind is CallKind.PULL else uuid4().hex),
    )


def _reason(given: str) -> str:
    """Return the title of the act, and the reason that the user gave."""
    texts = (" ".join(text.split()) for text in (_title.get(), given))
    return "; ".join(dict.fromkeys(filter(None, texts)))


def describe_outcome(outcome: CallOutcome) -> RecordedOutcome:
    """Return the outcome as it is stored: the beginning of a long answer."""
    return RecordedOutcome(
        outcome.state.value,
        outcome.status,
        outcome.problem,
        redact(outcome.answer)[:_LONGEST_ANSWER],
        outcome.size,
        outcome.messages,
        outcome.pending,
        outcome.pulls,
    )


def application_of(path: str) -> str:
    """Return the code of the application that a path names; empty if it names none."""
    found = _APPLICATION.search(path)
    return unquote(found[0]) if found else ""


def redact(body: bytes) -> str:
    """Return a body without credentials by their names, in JSON members and in the URLs there."""
    text = redact_body(body, ()).decode(errors="replace")
    try:
        values = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
    return msgspec.json.encode(_without_secret_urls(values)).decode()


def _without_secret_urls(value: Any) -> Any:
    if isinstance(value, str):
        return redact_url(value)
    if isinstance(value, dict):
        return {name: _without_secret_urls(one) for name, one in value.items()}
    return [_without_secret_urls(one) for one in value] if isinstance(value, list) else value


def encode_content(value: msgspec.Struct) -> str:
    """Return what is stored of a call or of an outcome."""
    return msgspec.json.encode(value).decode()


def user_name() -> str:
    """Return the name of the user of this process."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a user ID without a name, as in containers
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "not known"
