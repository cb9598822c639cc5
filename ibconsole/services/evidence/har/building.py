"""Building of an entry: its parts redacted, its bodies as text or base64, its times with a zone."""

import codecs
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from ibconsole.archive import undo_content_encoding
from ibconsole.services.evidence.har.redaction import ExchangeRedaction, Headers
from ibconsole.services.evidence.har.values import (
    HarContent,
    HarEntry,
    HarPair,
    HarPostData,
    HarRequest,
    HarResponse,
    HarTimings,
)

_UNNAMED = "application/octet-stream"
_LATEST = 253_402_300_799_999  # milliseconds since the epoch: the end of the year 9999


class HarMessage(msgspec.Struct, frozen=True, kw_only=True):
    """The headers and the body of a request or an answer.

    `body` may be its beginning; `size` is that of the whole, in bytes, as it was sent.
    """

    headers: Headers = ()
    body: bytes = b""
    size: int = 0

    @property
    def is_cut(self) -> bool:
        """True if `body` is only the beginning."""
        return len(self.body) < self.size

    @property
    def mime_type(self) -> str:
        """The value of Content-Type; that of any bytes if there is none."""
        return self.header("content-type") or _UNNAMED

    def header(self, wanted: str) -> str:
        """Return the value of the first header of this name, in lower case; empty without one."""
        return next((value for name, value in self.headers if name.lower() == wanted), "")


class EntryBuilder:
    """Makes one entry, and notes the parts in which something was masked."""

    def __init__(self, redaction: ExchangeRedaction) -> None:
        self._redaction = redaction
        self._masked: list[str] = []
        self._cut: dict[str, Mapping[str, int]] = {}

    def request(
        self, method: str, url: str, message: HarMessage, *, version: str = "1.1", comment: str = ""
    ) -> HarRequest:
        """Return a request; `version` is what follows `HTTP/`."""
        shown = self._noted("url", url, self._redaction.redact_url(url))
        post_data: HarPostData | msgspec.UnsetType = msgspec.UNSET
        if message.body or message.size:
            data, remark = self._body("request body", message)
            text, encoding = text_of(data)
            post_data = HarPostData(
                mime_type=message.mime_type,
                text=text,
                encoding=encoding,
                comment=remark or msgspec.UNSET,
            )
        return HarRequest(
            method=method,
            url=shown,
            http_version=f"HTTP/{version}",
            headers=self._headers("request headers", message.headers),
            query_string=_query_of(shown),
            post_data=post_data,
            body_size=max(message.size, len(message.body)),
            comment=comment or msgspec.UNSET,
        )

    def response(
        self,
        status: int | None,
        reason: str,
        message: HarMessage,
        *,
        comment: str = "",
        problem: str = "",
    ) -> HarResponse:
        """Return an answer; a `status` of None is one that never came, for this `problem`."""
        data, remark = self._body("answer body", message)
        text, encoding = text_of(data)
        size = message.size if message.is_cut else len(data)
        shown = self._headers("answer headers", message.headers)
        location = next((one.value for one in shown if one.name.lower() == "location"), "")
        return HarResponse(
            status=status or 0,
            status_text=reason,
            headers=shown,
            redirect_url=self._redaction.redact_url(location) if location else "",
            content=HarContent(
                size=size,
                mime_type=message.mime_type if message.body or message.headers else "",
                text=text if message.body else msgspec.UNSET,
                encoding=encoding,
                comment=remark or msgspec.UNSET,
            ),
            body_size=-1 if status is None else max(message.size, len(message.body)),
            comment=comment or msgspec.UNSET,
            error=problem or msgspec.UNSET,
        )

    def entry(
        self,
        began_at: int,
        request: HarRequest,
        response: HarResponse,
        timings: HarTimings,
        facts: Mapping[str, Any],
    ) -> HarEntry:
        """Return the entry; `began_at` is in milliseconds since the epoch."""
        known: dict[str, Any] = {**facts}
        if self._masked:
            known["masked"] = list(dict.fromkeys(self._masked))
        if self._cut:
            known["cut"] = self._cut
        return HarEntry(
            started_date_time=instant_text(began_at),
            time=round(timings.total, 3),
            request=request,
            response=response,
            timings=timings,
            facts=known,
        )

    def _headers(self, part: str, headers: Headers) -> tuple[HarPair, ...]:
        redacted = self._redaction.redact_headers(headers)
        self._noted(part, list(headers), list(redacted))
        return tuple(HarPair(name=name, value=value) for name, value in redacted)

    def _body(self, part: str, message: HarMessage) -> tuple[bytes, str]:
        """Return a body without its content encoding, redacted, and sentences about it."""
        plain, problem = undo_content_encoding(message.body, message.headers)
        remarks = [problem]
        if plain is not message.body:
            coding = message.header("content-encoding") or "gzip"
            remarks.append(f"It was sent as {coding}, {message.size:,} bytes.")
        if message.is_cut:
            kept = len(message.body)
            if plain is message.body and (end := _whole_characters(plain)) is not None:
                plain, kept = plain[:end], end
            remarks.append(f"Only the first {kept:,} of {message.size:,} bytes were kept.")
            self._cut[part] = {"kept": kept, "size": message.size}
        redacted = self._redaction.redact_body(plain, message.headers)
        self._noted(part, plain, redacted)
        return redacted, " ".join(filter(None, remarks))

    def _noted(self, part: str, before: object, after: Any) -> Any:
        if before != after:
            self._masked.append(part)
        return after


def text_of(data: bytes) -> tuple[str, str | msgspec.UnsetType]:
    """Return bytes as a text that gives them back, and "base64" if that is what it is."""
    try:
        return data.decode(), msgspec.UNSET
    except UnicodeDecodeError:
        return b64encode(data).decode(), "base64"


def instant_text(instant: int) -> str:
    """Format milliseconds since the epoch as ISO 8601 in UTC, with its zone."""
    seconds, rest = divmod(min(max(instant, 0), _LATEST), 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03}+00:00"


def _query_of(url: str) -> tuple[HarPair, ...]:
    try:
        query = urlsplit(url).query
        pairs = parse_qsl(query, keep_blank_values=True)
    except ValueError:
        return ()
    return tuple(HarPair(name=name, value=value) for name, value in pairs)


def _whole_characters(data: bytes) -> int | None:
    """Return how many bytes are whole characters of a text that was cut; None if it is no text."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(data)
    except UnicodeDecodeError:
        return None
    return len(data) - len(decoder.getstate()[0])
