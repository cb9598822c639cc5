"""The text for a ticket at Infobip's support: plain, in UTC, without what support does not need.

Support asks for the pushRegistrationId (`from` in a message) and the application code (platform.md
§9). A code is a credential too, so it is masked unless the user chooses otherwise, and so are texts
of messages. URLs are reduced to their hosts: a path may be a secret.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from ibconsole.archive import Delivery, StoredMessage, Via
from ibconsole.plural import counted
from ibconsole.services.forward_test import ForwardTest
from ibconsole.services.messages import iso_time
from ibconsole.services.request_log import mask_codes
from ibconsole.services.threads import FollowedThread, RelatedIds, related_ids
from ibconsole.text import escape_invisible, mask_code

if TYPE_CHECKING:
    from ibconsole.services.diagnosis import Finding

MOST_LISTED = 200  # messages; support needs examples, not all of them
_URL = re.compile(r"\b(https?)://[^\s\"'<>“”]+", re.IGNORECASE)
_LONGEST = 300  # characters of a value


class SupportChoices(msgspec.Struct, frozen=True, kw_only=True):
    """The user's choices: readable application codes, and the texts of messages."""

    with_codes: bool = False
    with_texts: bool = False


class SupportMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message as support sees it. Times are in ms since the epoch.

    `answered` is the status of the answer to its forward, None for a pull. `host` is that of the
    account's base URL, empty if it was not recorded.
    """

    message_id: str
    application_code: str
    sender: str
    text: str
    via: str
    received_at: int | None
    arrived_at: int
    ids: RelatedIds = RelatedIds()
    answered: int | None = None
    host: str = ""


class SupportFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as support sees it; `application_code` is empty if it is about the account."""

    number: str
    sentence: str
    evidence: tuple[str, ...] = ()
    application_code: str = ""
    host: str = ""
    at: int | None = None


class SupportTest(msgspec.Struct, frozen=True, kw_only=True):
    """A forward test as support sees it: the host of its URL, what was answered, and when."""

    at: int
    host: str
    status: int | None
    outcome: str
    peer: str = ""
    seconds: float | None = None


SupportItem = SupportMessage | SupportFinding | SupportTest


def message_of(
    message: StoredMessage,
    delivery: Delivery | None,
    base_url: str = "",
    ids: RelatedIds | None = None,
) -> SupportMessage:
    """Return what support needs of a message; `base_url` serves where its delivery has none."""
    url = (delivery.base_url if delivery else "") or base_url
    is_forward = delivery is not None and delivery.via is Via.FORWARD
    return SupportMessage(
        message_id=message.message_id,
        application_code=message.application_code,
        sender=message.sender,
        text=message.text,
        via=message.via.value,
        received_at=message.received_at,
        arrived_at=message.arrived_at,
        ids=ids or related_ids(message.body),
        answered=delivery.status if delivery and is_forward else None,
        host=_host(url),
    )


def followed_messages(
    thread: FollowedThread, base_urls: Mapping[str, str]
) -> Sequence[SupportMessage]:
    """Return what support needs of the messages of a thread.

    `base_urls` are those of connections, for messages that came with none.
    """
    return [
        SupportMessage(
            message_id=one.message.message_id,
            application_code=one.message.application_code,
            sender=one.message.sender,
            text=one.message.text,
            via=one.message.via.value,
            received_at=one.message.received_at,
            arrived_at=one.message.arrived_at,
            ids=one.ids,
            answered=one.answered,
            host=_host(one.base_url or base_urls.get(one.message.connection or "", "")),
        )
        for one in thread.entries
    ]


def finding_of(finding: "Finding", base_url: str, at: int | None) -> SupportFinding:
    """Return what support needs of a finding; `at` is the time of the diagnosis."""
    return SupportFinding(
        number=finding.name,
        sentence=_without_paths(finding.sentence),
        evidence=tuple(
            _without_paths(f"{one.sentence} {iso_time(one.at) if one.at else ''}".strip())
            for one in finding.evidence
        ),
        application_code=finding.subject.application,
        host=_host(base_url),
        at=at,
    )


def forward_test_of(test: ForwardTest) -> SupportTest:
    """Return what support needs of a forward test."""
    return SupportTest(
        at=test.at,
        host=_host(test.url),
        status=test.status,
        outcome=test.problem or test.verdict.sentence,
        peer=test.peer,
        seconds=test.seconds,
    )


def support_text(
    items: Sequence[SupportItem],
    choices: SupportChoices,
    now: int,
    redact: Callable[[str], str] = str,
) -> str:
    """Return the text of a ticket about these items, with a line break at the end.

    At most MOST_LISTED messages are listed, the latest. `redact` masks secrets that are known.
    `now` is in ms since the epoch.
    """
    messages = [one for one in items if isinstance(one, SupportMessage)]
    listed = sorted(messages, key=lambda one: one.arrived_at)[-MOST_LISTED:]
    codes = dict.fromkeys(one.application_code for one in items if not isinstance(one, SupportTest))
    lines = [
        "Inbound messages of mobile push, for Infobip support. All times are in UTC.",
        f"Written: {iso_time(now)}",
        *_listed("Base URL host", (one.host for one in items if not isinstance(one, SupportTest))),
        *_listed("Application code", (_code(one, choices) for one in codes)),
        *_listed("pushRegistrationId", (one.sender for one in messages)),
    ]
    if messages:
        left_out = len(messages) - len(listed)
        more = f", of which the latest {len(listed):,} are listed" if left_out else ""
        lines += ["", f"{counted(len(messages), 'message')}{more}:"]
        lines += [line for one in listed for line in _message_lines(one, choices)]
    findings = [one for one in items if isinstance(one, SupportFinding)]
    if findings:
        lines += ["", f"{counted(len(findings), 'finding')} of ibconsole:"]
        lines += [line for one in findings for line in _finding_lines(one, choices)]
    tests = [one for one in items if isinstance(one, SupportTest)]
    if tests:
        lines += ["", f"{counted(len(tests), 'request')} to the forward URL by ibconsole:"]
        lines += [_test_line(one) for one in tests]
    return f"{_redacted(lines, list(filter(None, codes)), choices, redact)}\n"


def _redacted(
    lines: Sequence[str],
    codes: Sequence[str],
    choices: SupportChoices,
    redact: Callable[[str], str],
) -> str:
    text = "\n".join(lines)
    if not choices.with_codes:
        return redact(mask_codes(text, tuple(codes), mask_code))
    # A code looks like an API key, and this one is wanted.
    marks = {code: f"\ue000{number}\ue001" for number, code in enumerate(codes)}
    for code in sorted(codes, key=len, reverse=True):
        text = text.replace(code, marks[code])
    text = redact(text)
    for code, mark in marks.items():
        text = text.replace(mark, code)
    return text


def _message_lines(message: SupportMessage, choices: SupportChoices) -> Iterator[str]:
    received = "" if message.received_at is None else iso_time(message.received_at)
    answered = "" if message.answered is None else str(message.answered)
    facts = (
        ("messageId", message.message_id),
        ("pushRegistrationId", message.sender),
        ("applicationCode", _code(message.application_code, choices)),
        ("receivedAt", received),
        (f"arrived by {message.via}", iso_time(message.arrived_at)),
        ("answered with HTTP status", answered),
        ("pairedMessageId", message.ids.paired_message_id),
        ("initialMessageId", message.ids.initial_message_id),
        ("text", message.text if choices.with_texts else ""),
    )
    first, *others = (f"{name}: {_one_line(value)}" for name, value in facts if value)
    yield f"- {first}"
    yield from (f"  {one}" for one in others)


def _finding_lines(finding: SupportFinding, choices: SupportChoices) -> Iterator[str]:
    yield f"- {finding.number}: {_one_line(finding.sentence)}"
    if finding.application_code:
        yield f"  applicationCode: {_code(finding.application_code, choices)}"
    if finding.at is not None:
        yield f"  found: {iso_time(finding.at)}"
    yield from (f"  {_one_line(one)}" for one in finding.evidence)


def _test_line(test: SupportTest) -> str:
    status = "no HTTP status" if test.status is None else f"HTTP status {test.status}"
    took = "" if test.seconds is None else f", after {test.seconds:.2f} s"
    peer = f" ({test.peer})" if test.peer else ""
    return f"- {iso_time(test.at)}: {test.host}{peer}: {status}{took}; {_one_line(test.outcome)}"


def _listed(name: str, values: Iterable[str]) -> Iterator[str]:
    found = list(dict.fromkeys(filter(None, values)))
    if found:
        shown = ", ".join(map(_one_line, found[:20]))
        more = f", and {len(found) - 20:,} more" if len(found) > 20 else ""
        yield f"{name}: {shown}{more}"


def _code(code: str, choices: SupportChoices) -> str:
    if not code or choices.with_codes:
        return code
    return f"{mask_code(code)} (masked)"


def _without_paths(text: str) -> str:
    """Return a text whose URLs are cut to scheme and host: a path may be a secret."""
    return _URL.sub(lambda found: f"{found[1]}://{_host(found[0]) or '…'}/…", text)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _one_line(text: str) -> str:
    """Return a value of a message on one line: it may hold anything."""
    shown = escape_invisible(" ".join(text[: _LONGEST + 1].split()))
    return f"{shown[:_LONGEST]}…" if len(shown) > _LONGEST else shown
