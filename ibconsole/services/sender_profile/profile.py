"""The known look of the platform's requests: facts, each with its number and its last time.

From them a request is made again that looks like the observed one.
"""

from datetime import UTC, datetime

import msgspec

from ibconsole.hosts import is_loopback
from ibconsole.plural import counted
from ibconsole.secret import MASK
from ibconsole.services.forward_test import PLATFORM, BodyFraming, RequestForm, Sender
from ibconsole.services.request_log import is_secret_header
from ibconsole.services.sender_profile.retries import Repetitions

_MASKED = "masked-by-ibconsole"
_ENCODINGS = ("gzip", "deflate")


class HeaderFact(msgspec.Struct, frozen=True):
    """A header as spelled, with its newest value, seen in `n` requests.

    `is_constant` is true if it is that of all.
    """

    name: str
    value: str
    separator: str = " "
    is_constant: bool = True
    n: int = 1
    last_at: int = 0

    @property
    def is_secret(self) -> bool:
        """True if the value may be a credential, which is neither shown nor sent elsewhere."""
        return is_secret_header(self.name)

    @property
    def shown(self) -> str:
        """The value as it may be shown."""
        return MASK if self.is_secret and self.value else self.value


class SourceFact(msgspec.Struct, frozen=True):
    """An address that requests came from.

    `published` is whether it is in the published networks. `by_tunnel` means that a tunnel hides
    the source, and that this address is what it says.
    """

    address: str
    n: int
    last_at: int
    published: bool | None
    by_tunnel: bool = False


class SenderProfile(msgspec.Struct, frozen=True):
    """The properties that `n` requests with the same look share; times are in ms since the epoch.

    `examined` requests were looked at; `others` looked different, and `passed_over` were tests, or
    came from tools that people use. `batches` are sizes of batches, and the number of requests of
    each. `tunnel` is the name of the tunnel through which they came, "" for none, and `added` are
    the headers that it added. With chunks, `chunk_size` is 0 if each body came in one chunk.
    """

    n: int
    first_at: int
    last_at: int
    headers: tuple[HeaderFact, ...]
    method: str = "POST"
    version: str = "HTTP/1.1"
    is_absolute: bool = False
    framing: BodyFraming = BodyFraming.LENGTH
    chunk_size: int = 0
    chunk_digits: int = 1
    chunk_upper: bool = False
    batches: tuple[tuple[int, int], ...] = ()
    sources: tuple[SourceFact, ...] = ()
    repetitions: Repetitions = Repetitions()
    tunnel: str = ""
    added: tuple[str, ...] = ()
    examined: int = 0
    others: int = 0
    passed_over: int = 0

    def value(self, name: str) -> str:
        """Return the newest value of the first header of this name in lower case, or ""."""
        return next((one.value for one in self.headers if one.name.lower() == name), "")

    @property
    def is_local(self) -> bool:
        """True if every request came from this computer: of a simulator, a script or a tunnel."""
        return bool(self.sources) and all(is_loopback(one.address) for one in self.sources)

    @property
    def label(self) -> str:
        """The platform, as whose requests these were taken, with what that rests on."""
        way = " from this computer" if self.is_local else ""
        way = f" through {self.tunnel}" if self.tunnel else way
        last = day_and_time(self.last_at)
        return f"the platform (observed {counted(self.n, 'time')}{way}, last {last})"

    def to_sender(self) -> Sender:
        """Return the sender whose request equals the newest one but for host, length and body.

        Values that may be credentials are masked: a test may go to another host.
        """
        encoding = self.value("content-encoding").strip().lower()
        form = RequestForm(
            method=self.method,
            version=self.version,
            is_absolute=self.is_absolute,
            separators=tuple(
                (one.name.lower(), one.separator) for one in self.headers if one.separator != " "
            ),
            chunk_size=self.chunk_size,
            chunk_digits=self.chunk_digits,
            chunk_upper=self.chunk_upper,
            encoding=encoding if encoding in _ENCODINGS else "",
        )
        headers = tuple(
            (one.name, _MASKED if one.is_secret and one.value else one.value)
            for one in self.headers
            # A body that cannot be encoded is not declared to be.
            if one.name.lower() != "content-encoding" or form.encoding or not encoding
        )
        return Sender(PLATFORM.name, self.label, headers, self.framing, form=form)


def day_and_time(at: int) -> str:
    """Return a time in UTC, to the minute."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
