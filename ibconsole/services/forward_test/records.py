"""One test of a forward URL, its record in the archive, and its entry in the request log."""

from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from ibconsole.archive import ForwardTestRecord, Reader, Via
from ibconsole.http1 import Phase, Phases
from ibconsole.secret import MASK
from ibconsole.services.forward_test.certificates import Certificate
from ibconsole.services.forward_test.rungs import Cause, Ladder
from ibconsole.services.forward_test.verdict import Verdict
from ibconsole.services.request_log import Entry
from ibconsole.text import escape_invisible

Headers = tuple[tuple[str, str], ...]
_MOST = 500  # requests that are searched for ours, the newest
_BY_RULE = (
    "This computer's listener answers by rules now, and its rule “{}” gave this answer on purpose."
)


class ForwardTest(msgspec.Struct, frozen=True):
    """One test and its result.

    `at` is in milliseconds since the epoch, `phases` are seconds (None where one was not
    reached). A user name and password in the URL are masked. `answer` holds at most 64 KiB;
    `truncated` says that the answer was longer or ended early. `problem` is a sentence,
    empty if a whole answer arrived. `sender` says whom it was sent as, with the headers
    `sent_headers`; both are empty in records of 0.1.0, which sent as ibconsole. `cause` is the
    first cause if it failed, and `ladder` the whole test that this request was the first of.
    `rule` is the answer rule of this computer's listener that answered, empty if none did.
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
    rule: str = ""
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


def rule_behind(archive: Path, test: ForwardTest) -> str:
    """Return the rule of this computer's listener that answered a test; empty if none did.

    The listener stores a request with its rule before it answers. Raises ArchiveError.
    """
    body = sha256(test.payload).hexdigest()
    with Reader(archive) as reader:
        after = max(reader.counts().newest_delivery - _MOST, 0)
        for number in reversed(reader.find_deliveries(Via.FORWARD, after=after)):
            delivery = reader.delivery(number)
            if delivery is None or delivery.began_at < test.at:
                break
            if delivery.answer and delivery.sha256 == body:
                return delivery.answer.planned.rule
    return ""


def by_rule(test: ForwardTest) -> str:
    """Return a sentence about the rule that answered; empty if none did."""
    return _BY_RULE.format(escape_invisible(test.rule)) if test.rule else ""


def with_rule(test: ForwardTest) -> ForwardTest:
    """Return a test whose verdict says that a rule has answered, if one has."""
    remark = by_rule(test)
    if test.verdict.sentence.endswith(remark):
        return test
    sentence = f"{test.verdict.sentence} {remark}"
    return replace(test, verdict=replace(test.verdict, sentence=sentence))


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
