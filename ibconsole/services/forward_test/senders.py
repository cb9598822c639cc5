"""Senders of a test: whose request it looks like, byte by byte, and who is to send."""

import gzip
import zlib
from collections.abc import Sequence
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from ibconsole import __version__
from ibconsole.http1 import Header, Target, encode_request

TIMEOUT = 20.0  # seconds for one request, all phases together
DEADLINE = 60.0  # seconds for the whole ladder
CURL_AGENT = "curl/8.14.1"


class BodyFraming(StrEnum):
    """The way in which a request says where its body ends."""

    LENGTH = "length"
    CHUNKED = "chunked"


class RequestForm(msgspec.Struct, frozen=True):
    """The spelling of an observed request, apart from its headers.

    `separators` are what stands between the colon and the value of a header, by its name in lower
    case, where that is not one blank. `chunk_size` is that of all chunks but the last, 0 for the
    whole body in one; sizes have at least `chunk_digits` digits. `encoding` is that of the
    body: gzip, deflate, or empty.
    """

    method: str = "POST"
    version: str = "HTTP/1.1"
    is_absolute: bool = False
    separators: tuple[tuple[str, str], ...] = ()
    chunk_size: int = 0
    chunk_digits: int = 1
    chunk_upper: bool = False
    encoding: str = ""

    def encode(self, target: Target, headers: Sequence[Header], body: bytes) -> bytes:
        """Return the bytes of a request; nothing is added to the headers."""
        place = f"{target.scheme}://{target.authority}" if self.is_absolute else ""
        separators = dict(self.separators)
        lines = [f"{self.method} {place}{target.path} {self.version}\r\n".encode("latin-1")]
        for name, value in headers:
            between = separators.get(name.decode("latin-1").lower(), " ").encode("latin-1")
            lines.append(b"%b:%b%b\r\n" % (name, between, value))
        return b"".join(lines) + b"\r\n" + body

    def compress(self, payload: bytes) -> bytes:
        """Return the payload in the encoding of the body."""
        if self.encoding == "gzip":
            return gzip.compress(payload, mtime=0)
        return zlib.compress(payload) if self.encoding == "deflate" else payload

    def chunk(self, body: bytes) -> bytes:
        """Return the body in chunks."""
        size = self.chunk_size or len(body) or 1
        spelled = f"0{self.chunk_digits}{'X' if self.chunk_upper else 'x'}"
        parts = [body[start : start + size] for start in range(0, len(body), size)]
        end = format(0, spelled).encode()
        return b"".join(
            b"%b\r\n%b\r\n" % (format(len(part), spelled).encode(), part) for part in parts
        ) + (end + b"\r\n\r\n")


_USUAL = RequestForm()


class Sender(msgspec.Struct, frozen=True):
    """The look of a request.

    `headers` are in their order and spelling; Host, Content-Length and Transfer-Encoding stand
    at their places with any value, and get the right one. `label` continues "sent as".
    `assumed` is true for a sender that was not observed. With a `form` its requests have
    nothing that the form and the headers do not have.
    """

    name: str
    label: str
    headers: tuple[tuple[str, str], ...]
    framing: BodyFraming = BodyFraming.LENGTH
    assumed: bool = False
    form: RequestForm | None = None

    def encode(self, target: Target, payload: bytes) -> bytes:
        """Return the bytes of a request. Raises ValueError for a header with a line break."""
        headers, body = self.request(target.authority, payload)
        if self.form:
            return self.form.encode(target, headers, body)
        return encode_request(target, "POST", headers, body)

    def request(self, authority: str, body: bytes) -> tuple[tuple[Header, ...], bytes]:
        """Return the headers and the body, framed, of a request to this host."""
        form = self.form or _USUAL
        body = form.compress(body)
        values = {
            "host": authority,
            "content-length": str(len(body)),
            "transfer-encoding": "" if self.form else "chunked",
        }
        headers = tuple(
            (name.encode("latin-1"), (values.get(name.lower()) or value).encode("latin-1"))
            for name, value in self.headers
            if name.lower() != self._other_framing
        )
        if self.framing is BodyFraming.LENGTH:
            return headers, body
        if not any(name.lower() == b"transfer-encoding" for name, _ in headers):
            headers = (*headers, (b"Transfer-Encoding", b"chunked"))
        return headers, form.chunk(body)

    @property
    def _other_framing(self) -> str:
        return "content-length" if self.framing is BodyFraming.CHUNKED else "transfer-encoding"

    def with_agent(self, agent: str) -> "Sender":
        """Return this sender with another User-Agent, "" for none."""
        kept = [one for one in self.headers if one[0].lower() != "user-agent"]
        if not agent:
            return replace(self, headers=tuple(kept))
        place = next(
            (n for n, one in enumerate(self.headers) if one[0].lower() == "user-agent"), len(kept)
        )
        kept.insert(place, ("User-Agent", agent))
        return replace(self, headers=tuple(kept))

    def with_header(self, name: str, value: str) -> "Sender":
        """Return this sender with a further header."""
        return replace(self, headers=(*self.headers, (name, value)))

    @property
    def agent(self) -> str:
        """The User-Agent; "" if there is none."""
        return next((value for name, value in self.headers if name.lower() == "user-agent"), "")


OURS = Sender(
    "ours",
    "ibconsole",
    (
        ("Host", ""),
        ("Content-Type", "application/json"),
        ("Accept", "*/*"),
        ("User-Agent", f"ibconsole/{__version__} (forward test)"),
        ("Content-Length", ""),
    ),
)
# What the platform's requests look like is not documented (platform.md §5). This is a usual
# sender of its kind, until forwards of the archive show the real one.
PLATFORM = Sender(
    "platform",
    "the platform (assumed)",
    (
        ("Accept", "application/json"),
        ("Content-Type", "application/json"),
        ("Content-Length", ""),
        ("Host", ""),
        ("Connection", "Keep-Alive"),
        ("User-Agent", "Apache-HttpClient/4.5.14 (Java/17)"),
    ),
    assumed=True,
)
CURL = Sender(
    "curl",
    "curl",
    (
        ("Host", ""),
        ("User-Agent", CURL_AGENT),
        ("Accept", "*/*"),
        ("Content-Type", "application/json"),
        ("Content-Length", ""),
    ),
)


class Comparison(StrEnum):
    """The cases in which the message is posted as other senders, too."""

    ALWAYS = "always"
    IF_REFUSED = "if refused"
    NEVER = "never"


class LadderPlan(msgspec.Struct, frozen=True):
    """The requests of a ladder, and the time that it may take.

    The message is posted as `sender`. `compare` says when it is posted as others, too; `repeat`
    posts it once more, and `parallel` ten times at once. `timeout` is for each request,
    `deadline` for the whole.
    """

    sender: Sender = PLATFORM
    compare: Comparison = Comparison.ALWAYS
    repeat: bool = True
    parallel: bool = False
    timeout: float = TIMEOUT
    deadline: float = DEADLINE


def variations(sender: Sender) -> Sequence[Sender]:
    """Return this sender with one change each, which shows what an endpoint depends on."""
    lower = tuple((name.lower(), value) for name, value in sender.headers)
    changes = [
        replace(sender.with_agent(CURL_AGENT), name="other agent", label="with curl's User-Agent"),
        replace(sender.with_agent(""), name="no agent", label="without User-Agent"),
        replace(sender, headers=lower, name="lower case", label="with header names in lower case"),
        replace(
            sender.with_header("Expect", "100-continue"),
            name="expect",
            label="with Expect: 100-continue",
        ),
        replace(sender, framing=BodyFraming.CHUNKED, name="chunked", label="chunked"),
    ]
    return [
        one for one in changes if (one.headers, one.framing) != (sender.headers, sender.framing)
    ]


def with_our_agent(sender: Sender) -> Sender:
    """Return this sender with our User-Agent: it shows whether that alone decides."""
    agent = OURS.agent
    return replace(sender.with_agent(agent), name="our agent", label="with ibconsole's User-Agent")
