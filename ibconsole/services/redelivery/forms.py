"""The bytes of a redelivery's requests: as received, as the platform sends, or edited."""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from uuid import uuid4

from ibconsole.archive.ledger import BuiltRequest, ItemSource, RedeliveryForm
from ibconsole.http1 import Target, parse_target
from ibconsole.services.forward_test import Sender, envelope_of

AS_RECEIVED = "as received"
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_REQUEST_LINE = re.compile(rb"\A([!-~]+)[ \t]+[^\r\n]*?[ \t]+(HTTP/1\.[0-9])[ \t]*(?=\r?\n)")
_HOST = re.compile(rb"(?im)^(host[ \t]*:)([ \t]*)[^\r\n]*")


class RequestBuilder:
    """Makes the requests of a job. Raises ValueError for a URL that is none.

    As received, a forward is sent with its own head and body; only the target and the host are
    those of the URL. Everything else is sent as `sender`, up to `batch_size` messages at once.
    """

    def __init__(self, url: str, form: RedeliveryForm, sender: Sender, batch_size: int) -> None:
        self._target = parse_target(url)
        self._form = form
        self._sender = sender
        self._batch_size = batch_size

    def build(self, sources: Sequence[ItemSource]) -> Iterator[BuiltRequest]:
        """Yield the requests for these messages."""
        return map(self._request, self._groups(sources))

    def _groups(self, sources: Sequence[ItemSource]) -> Iterator[list[ItemSource]]:
        """Divide messages into those that go in one request."""
        forwards: dict[int, list[ItemSource]] = {}
        batch: list[ItemSource] = []
        for one in sources:
            if one.raw is not None and self._form is RedeliveryForm.AS_RECEIVED:
                forwards.setdefault(one.delivery.id, []).append(one)
            elif one.edited is not None:
                yield [one]
            else:
                batch.append(one)
                if len(batch) == self._batch_size:
                    yield batch
                    batch = []
        if batch:
            yield batch
        yield from forwards.values()

    def _request(self, group: Sequence[ItemSource]) -> BuiltRequest:
        first = group[0]
        data = None
        sender = self._sender.label
        if first.raw is not None and self._form is RedeliveryForm.AS_RECEIVED:
            data, sender = redirect(first.raw, self._target), AS_RECEIVED
        if data is None:
            sender = self._sender.label
            payload = first.edited
            if payload is None:
                payload = envelope_of(*(one.body for one in group))
            data = self._sender.encode(self._target, payload)
        return BuiltRequest(
            id=uuid4().hex,
            items=tuple(one.item.id for one in group),
            data=data,
            sha256=sha256(data).hexdigest(),
            body_sha256=sha256(body_of_request(data)).hexdigest(),
            sender=sender,
        )


def redirect(raw: bytes, target: Target) -> bytes | None:
    """Return a request as received, with the target and the host of another URL.

    No other byte is changed. None if its head has no request line that can be changed.
    """
    raw = raw.lstrip(b"\r\n")
    end = _END_OF_HEAD.search(raw)
    line = _REQUEST_LINE.match(raw)
    if not end or not line:
        return None
    head, rest = raw[line.end() : end.start()], raw[end.start() :]
    host = target.authority.encode("ascii")
    head = _HOST.sub(lambda found: found[1] + found[2] + host, head)
    return b"%b %b %b%b%b" % (line[1], target.path.encode("ascii"), line[2], head, rest)


def body_of_request(data: bytes) -> bytes:
    """Return what follows the head of a request, as it is framed."""
    end = _END_OF_HEAD.search(data)
    return data[end.end() :] if end else b""
