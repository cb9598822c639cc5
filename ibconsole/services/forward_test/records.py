"""One test of a forward URL, its record in the archive, and its entry in the request log."""

from urllib.parse import urlsplit

import msgspec

from ibconsole.archive import ForwardTestRecord
from ibconsole.http1 import Phase, Phases
from ibconsole.secret import MASK
from ibconsole.services.forward_test.certificates import Certificate
from ibconsole.services.forward_test.rungs import Cause, Ladder
from ibconsole.services.forward_test.verdict import Verdict
from ibconsole.services.request_log import Entry

Headers = tuple[tuple[str, str], ...]


class ForwardTest(msgspec.Struct, frozen=True):
    """One test and its result.

    `at` is in milliseconds since the epoch, `phases` are seconds (None where one was not
    reached). A user name and password in the URL are masked. `answer` holds at most 64 KiB;
    `truncated` says that the answer was longer or ended early. `problem` is a sentence,
    empty if a whole answer arrived. `sender` says whom it was sent as, with the headers
    `sent_headers`; both are empty in records of 0.1.0, which sent as ibconsole. `cause` is the
    first cause if it failed, and `ladder` the whole test that this request was the first of.
    """

    at: int
    url: str
    payload: bytes
    verdict: Verdict
    status: int | None = None
    reason: str = ""
    headers: Headers = ()
    answer: bytes = b""
    answer_size: int = 0
    truncated: bool = False
    phases: Phases = msgspec.field(default_factory=Phases)
    peer: str = ""
    certificates: tuple[Certificate, ...] = ()
    untrusted: bool = False
    problem: str = ""
    proxy: str = ""
    sender: str = ""
    sent_headers: Headers = ()
    cause: Cause = Cause.NONE
    ladder: Ladder | None = None
    id: int = 0

    @property
    def seconds(self) -> float:
        """The duration of all phases together."""
        return total_seconds(self.phases)


# The fields with columns of their own; a record holds the others as JSON.
_COLUMNS = ("id", "at", "url", "status", "payload", "answer")


def facts_of(test: ForwardTest) -> str:
    """Return the fields of a test that its record holds as JSON."""
    names = (name for name in ForwardTest.__struct_fields__ if name not in _COLUMNS)
    return msgspec.json.encode({name: getattr(test, name) for name in names}).decode()


def to_record(test: ForwardTest) -> ForwardTestRecord:
    """Convert a test to its record in the archive."""
    return ForwardTestRecord(
        id=test.id,
        at=test.at,
        url=test.url,
        status=test.status,
        payload=test.payload,
        answer=test.answer,
        facts=facts_of(test),
    )


def from_record(record: ForwardTestRecord) -> ForwardTest:
    """Convert a record of the archive back to the test."""
    columns = {name: getattr(record, name) for name in _COLUMNS}
    return msgspec.convert({**msgspec.json.decode(record.facts), **columns}, ForwardTest)


def masked_url(url: str) -> str:
    """Mask the user name and password in a URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if "@" not in parts.netloc:
        return url
    return parts._replace(netloc=f"{MASK}@{parts.netloc.rpartition('@')[2]}").geturl()


def total_seconds(phases: Phases) -> float:
    """Return the duration of all phases together."""
    return sum(getattr(phases, phase) or 0.0 for phase in Phase)


def log_entry(test: ForwardTest) -> Entry:
    """Return the test as an entry of the request log."""
    return Entry(
        started_at=test.at,
        connection="",
        method="POST",
        url=test.url,
        status=test.status,
        duration=test.seconds,
        problem=test.problem,
        purpose="Forward test",
        request_headers=_shown_headers(test),
        request_body=test.payload,
        request_size=len(test.payload),
        answer_headers=test.headers,
        answer_body=test.answer,
        answer_size=test.answer_size,
    )


def _shown_headers(test: ForwardTest) -> Headers:
    """Return the headers that say something about the sender; the framing follows from the body."""
    framing = {"host", "content-length", "transfer-encoding", "connection"}
    shown = tuple(one for one in test.sent_headers if one[0].lower() not in framing)
    return shown or (("Content-Type", "application/json"),)
