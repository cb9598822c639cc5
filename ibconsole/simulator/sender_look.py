"""The look of the requests that forward messages, which is not documented: random, by the seed.

So a client that learns what its sender looks like can be tested against any of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit
from zlib import crc32

from ibconsole.simulator.random_ids import RandomIds

_PRINTABLE = "!#$%&'()*+,-./:;=?@[]_~"
_AGENTS = (
    "Apache-HttpClient/5.2.1 (Java/21.0.4)",
    "Apache-HttpAsyncClient/4.1.5 (Java/11.0.20)",
    "okhttp/4.12.0",
    "Java/17.0.9",
    "Jetty/11.0.20",
    "ReactorNetty/1.1.15",
    "Go-http-client/1.1",
    "vert.x-webclient",
    "python-requests/2.32.3",
    "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
    "Platform Forwarder 7",
)
_CONTENT_TYPES = (
    "application/json",
    "application/json;charset=UTF-8",
    "application/json; charset=utf-8",
    "text/json",
)
_OPTIONAL = {
    "Accept": ("*/*", "application/json", "application/json, */*;q=0.8"),
    "Accept-Encoding": ("gzip", "gzip,deflate", "gzip, x-gzip, deflate", "identity"),
    "Accept-Charset": ("UTF-8", "utf-8, iso-8859-1;q=0.5"),
    "Cache-Control": ("no-cache",),
    "Pragma": ("no-cache",),
    "Connection": ("keep-alive", "Keep-Alive", "close"),
    "Expect": ("100-continue",),
    "X-Empty": ("",),
}
_FIRST_LETTERS, _LOWER, _UPPER = "first letters", "lower", "upper"


@dataclass(frozen=True, slots=True)
class SenderLook:
    """The spelling of a request: its first line, the headers in order, and the framing.

    A value of None stands for what depends on the request: host, length, framing. `numbered` is
    a header whose value differs in each request. `chunk` is the size of chunks, 0 for a body with
    a length, and -1 for one chunk.
    """

    headers: tuple[tuple[str, str | None], ...]
    version: str = "HTTP/1.1"
    is_absolute: bool = False
    separator: str = ": "
    chunk: int = 0
    upper_digits: bool = False
    numbered: str = ""

    def encode(self, url: str, body: bytes) -> bytes:
        """Return the bytes of the request that posts this body to a URL."""
        parts = urlsplit(url)
        authority = parts.netloc.rpartition("@")[2].encode("idna").decode()
        path = quote(parts.path or "/", safe=_PRINTABLE)
        query = "?" + quote(parts.query, safe=_PRINTABLE) if parts.query else ""
        target = f"{parts.scheme}://{authority}{path}" if self.is_absolute else path
        framed = self._framed(body)
        known = {
            "host": authority,
            "content-length": str(len(body)),
            "transfer-encoding": "chunked",
        }
        lines = [f"POST {target}{query} {self.version}"]
        for name, fixed in self.headers:
            value = known[name.lower()] if fixed is None else fixed
            if name == self.numbered:
                value = f"{crc32(body):08x}"
            lines.append(f"{name}{self.separator}{value}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + framed

    def _framed(self, body: bytes) -> bytes:
        if not self.chunk:
            return body
        size = self.chunk if self.chunk > 0 else max(1, len(body))
        framed = bytearray()
        for start in range(0, len(body), size):
            part = body[start : start + size]
            digits = f"{len(part):X}" if self.upper_digits else f"{len(part):x}"
            framed += digits.encode() + b"\r\n" + part + b"\r\n"
        return bytes(framed) + b"0\r\n\r\n"


PLAIN_LOOK = SenderLook(
    (
        ("Host", None),
        ("Content-Type", "application/json;charset=UTF-8"),
        ("Content-Length", None),
    )
)


def random_look(seed: int) -> SenderLook:
    """Return the look that a seed determines."""
    source = RandomIds(seed, "sender look")
    version = "HTTP/1.0" if source.random() < 0.1 else "HTTP/1.1"
    chunk = source.choice((-1, 64, 100, 4096)) if source.random() < 0.3 else 0
    chunk = chunk if version == "HTTP/1.1" else 0
    names: list[tuple[str, str | None]] = [
        ("Host", None),
        ("Transfer-Encoding" if chunk else "Content-Length", None),
        ("Content-Type", source.choice(_CONTENT_TYPES)),
    ]
    if source.random() < 0.9:
        names.append(("User-Agent", source.choice(_AGENTS)))
    names += [
        (name, source.choice(values)) for name, values in _OPTIONAL.items() if source.random() < 0.4
    ]
    own = [f"X-Sender-{source.getrandbits(16):x}" for _ in range(source.randrange(3))]
    names += [(name, source.key()) for name in own]
    source.shuffle(names)
    spell = _spelling(source)
    return SenderLook(
        tuple((spell(name), value) for name, value in names),
        version=version,
        is_absolute=source.random() < 0.1,
        separator=source.choice((": ", ": ", ": ", ":", ":  ")),
        chunk=chunk,
        upper_digits=source.random() < 0.5,
        numbered=spell(source.choice(own)) if own and source.random() < 0.5 else "",
    )


class _Spelling:
    """The letters of header names: each sender has a habit, and some names are an exception."""

    def __init__(self, habit: str, exceptions: Sequence[str]) -> None:
        self._habit = habit
        self._exceptions = exceptions

    def __call__(self, name: str) -> str:
        """Return a name as the sender spells it."""
        if name.lower() in self._exceptions or self._habit == _LOWER:
            return name.lower()
        return name.upper() if self._habit == _UPPER else name


def _spelling(source: RandomIds) -> _Spelling:
    habit = source.choice((_FIRST_LETTERS, _FIRST_LETTERS, _LOWER, _UPPER))
    names = ("host", "accept", "content-type", "content-length", "user-agent", "connection")
    return _Spelling(habit, [name for name in names if source.random() < 0.1])
