"""Connections and TLS handshakes with every address of a host; no request is sent."""

import asyncio
import re
import ssl
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ibconsole.hosts import network_of
from ibconsole.http1 import (
    Address,
    Overheard,
    ProxyHop,
    RequestFailure,
    RequestTrace,
    client_hello,
    connect,
    overhear,
    parse_target,
    protocol_of,
    unverified_tls,
)
from ibconsole.http1 import Phase as RequestPhase
from ibconsole.lazy import LazyModule
from ibconsole.services.forward_test.certificates import read_certificates
from ibconsole.services.forward_test.chains import ChainVerdict, PublicRoots
from ibconsole.services.forward_test.names import family_of
from ibconsole.services.forward_test.rungs import AddressProbe, Cause, TlsProbe
from ibconsole.text import escape_invisible

if TYPE_CHECKING:
    import truststore
else:
    truststore = LazyModule("truststore")

MOST_ADDRESSES = 16
_AT_ONCE = 8
_OVERHEAR = 2.0  # seconds
_HANDSHAKE, _REQUEST, _DONE = 22, 13, 14  # record; CertificateRequest, ServerHelloDone
_QUOTED = 80  # characters
_NO_HANDSHAKE = {RequestFailure.TLS, RequestFailure.RESET, RequestFailure.TIMEOUT}
_TCP_CAUSES = {
    RequestFailure.REFUSED: Cause.REFUSED,
    RequestFailure.TIMEOUT: Cause.CONNECT_TIMEOUT,
    RequestFailure.RESET: Cause.CONNECT_RESET,
}
# What OpenSSL says of bytes that are no TLS, of versions, names and client certificates.
_TLS_REASONS = (
    ("WRONG_VERSION_NUMBER", Cause.TLS_NOT_SPOKEN),
    ("RECORD_LAYER_FAILURE", Cause.TLS_NOT_SPOKEN),
    ("HTTP_REQUEST", Cause.TLS_NOT_SPOKEN),
    ("UNKNOWN_PROTOCOL", Cause.TLS_NOT_SPOKEN),
    ("PROTOCOL_VERSION", Cause.TLS_OLD),
    ("UNSUPPORTED_PROTOCOL", Cause.TLS_OLD),
    ("UNRECOGNIZED_NAME", Cause.TLS_NAME_UNKNOWN),
    ("CERTIFICATE_REQUIRED", Cause.TLS_CLIENT_CERTIFICATE),
    ("DH_KEY_TOO_SMALL", Cause.CERT_WEAK),
)


class Trust:
    """The measure for certificates: this computer's store, and the public authorities.

    `context` returns a verifying context; the default one asks the system's store.
    """

    def __init__(
        self,
        context: Callable[[], ssl.SSLContext] | None = None,
        roots: PublicRoots | None = None,
    ) -> None:
        self.context = context or system_context
        self.roots = roots or PublicRoots()


def system_context() -> ssl.SSLContext:
    """Return a context that verifies by the system's certificate store, as requests do."""
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Prober:
    """Looks at the addresses of one URL within `seconds` each."""

    def __init__(self, url: str, trust: Trust, seconds: float) -> None:
        self._url = url
        self._target = parse_target(url)
        self._trust = trust
        self._seconds = seconds
        self._slots = asyncio.Semaphore(_AT_ONCE)

    @property
    def _encrypted(self) -> bool:
        return self._target.scheme == "https"

    async def probe_all(self, addresses: Sequence[Address]) -> tuple[AddressProbe, ...]:
        """Connect to each address, at most 16, at once; in their order."""
        chosen = addresses[:MOST_ADDRESSES]
        return tuple(
            await asyncio.gather(
                *(self._probe(address, old=number == 0) for number, address in enumerate(chosen))
            )
        )

    async def probe_through(
        self, via: ProxyHop, mask: Callable[[str], str]
    ) -> tuple[AddressProbe, RequestTrace]:
        """Connect through a proxy: to the host by a tunnel, else to the proxy only.

        `mask` takes the secrets of the proxy out of what it said.
        """
        trace = await self._connect((), via)
        tls = None
        if self._encrypted and not trace.proxy_failed:
            if probe := await self._overhear(trace, via, mask):
                return probe, trace
            tls = await self._tls(trace, (), via, old=False)
        failed = trace.proxy_failed
        probe = AddressProbe(
            address="",
            family="",
            seconds=trace.phases.tcp or 0.0,
            problem=trace.problem if failed else "",
            cause=proxy_cause(trace) if failed else Cause.NONE,
            tls=tls,
        )
        return probe, trace

    async def _overhear(
        self, trace: RequestTrace, via: ProxyHop, mask: Callable[[str], str]
    ) -> AddressProbe | None:
        """Return a probe of a proxy that speaks itself in place of the host."""
        if trace.failure not in _NO_HANDSHAKE:
            return None
        target = self._target
        seconds = min(_OVERHEAR, self._seconds)
        heard = await overhear(via, target.host, target.host_and_port, seconds)
        if not _is_no_tunnel(heard):
            return None
        said = _quoted(heard.said, mask)
        problem = (
            f"The proxy {via.name} said that it connected to {target.host_and_port}, and then sent"
            f" “{said}” in place of the host's TLS."
        )
        seconds = trace.phases.tcp or 0.0
        return AddressProbe("", "", seconds=seconds, problem=problem, cause=Cause.PROXY_NO_TUNNEL)

    async def speaks_tls(self, addresses: Sequence[Address]) -> bool:
        """Return whether a server behind an http URL completes a TLS handshake."""
        secure = self._url.replace("http:", "https:", 1).replace("HTTP:", "https:", 1)
        trace = await connect(
            secure, timeout=self._seconds, tls=unverified_tls(), addresses=addresses
        )
        return trace.failure is None

    async def wants_client_certificate(self, addresses: Sequence[Address]) -> bool:
        """Return whether the server objects to a client without one, after the handshake."""
        trace = await connect(
            self._url,
            timeout=self._seconds,
            tls=unverified_tls(),
            addresses=addresses,
            listen=min(1.0, self._seconds / 2),
        )
        return tls_cause(trace.tls_error) is Cause.TLS_CLIENT_CERTIFICATE

    async def _asks_for_certificate(self, address: Address) -> bool:
        """Return whether a server of TLS 1.2 asks for a client certificate in its greeting."""
        host, port, *_ = address[1]
        said = b""
        # Whatever fails here has failed before, and was reported then.
        with suppress(OSError):
            async with asyncio.timeout(min(_OVERHEAR, self._seconds)):
                reader, writer = await asyncio.open_connection(host, port)
                try:
                    writer.write(client_hello(self._target.host, ssl.TLSVersion.TLSv1_2))
                    while not _message_types(said) & {_REQUEST, _DONE}:
                        more = await reader.read(65_536)
                        if not more:
                            break
                        said += more
                finally:
                    writer.transport.abort()
        return _REQUEST in _message_types(said)

    async def _probe(self, address: Address, *, old: bool) -> AddressProbe:
        async with self._slots:
            trace = await self._connect([address], None)
            tls = None
            if self._encrypted and trace.phase is RequestPhase.TLS:
                tls = await self._tls(trace, [address], None, old=old)
        host = str(address[1][0])
        failed = trace.failure if trace.phase is RequestPhase.TCP else None
        return AddressProbe(
            address=host,
            family=family_of(host),
            kind=network_of(host.partition("%")[0]),
            seconds=trace.phases.tcp or 0.0,
            problem=trace.problem if failed else "",
            cause=_TCP_CAUSES.get(failed, Cause.UNREACHABLE) if failed else Cause.NONE,
            tls=tls,
        )

    async def _connect(
        self,
        addresses: Sequence[Address],
        via: ProxyHop | None,
        context: ssl.SSLContext | None = None,
    ) -> RequestTrace:
        tls = (context or self._trust.context()) if self._encrypted else None
        return await connect(
            self._url, timeout=self._seconds, tls=tls, via=via, addresses=addresses
        )

    async def _tls(
        self, trace: RequestTrace, addresses: Sequence[Address], via: ProxyHop | None, *, old: bool
    ) -> TlsProbe:
        """Judge a handshake; look again at what was rejected, and at old versions."""
        failure = trace.failure
        seen = trace
        if failure is RequestFailure.CERTIFICATE:
            seen = await self._connect(addresses, via, unverified_tls())
        if failure in {RequestFailure.TLS, RequestFailure.RESET}:
            seen = await self._connect(addresses, via, old_tls())
            failed = self._failed_handshake(trace, seen)
            # TLS 1.2 has one alert for all that servers and clients do not agree on.
            unclear = failed.cause is Cause.TLS_HANDSHAKE and addresses
            asks = bool(unclear) and await self._asks_for_certificate(addresses[0])
            return _failed(trace, Cause.TLS_CLIENT_CERTIFICATE) if asks else failed
        if failure is RequestFailure.TIMEOUT:
            return _failed(trace, Cause.TLS_TIMEOUT)
        accepts_old = None
        if old and failure is None:
            accepts_old = (await self._connect(addresses, via, old_tls())).failure is None
        return self._judge(trace, seen, through_proxy=via is not None, accepts_old=accepts_old)

    def _failed_handshake(self, trace: RequestTrace, old: RequestTrace) -> TlsProbe:
        if old.failure is None:
            probe = self._judge(trace, old, through_proxy=False, accepts_old=True)
            return _with_cause(probe, Cause.TLS_OLD)
        if trace.failure is RequestFailure.RESET:
            return _failed(trace, Cause.TLS_RESET)
        return _failed(trace, tls_cause(trace.tls_error))

    def _judge(
        self,
        trace: RequestTrace,
        seen: RequestTrace,
        *,
        through_proxy: bool,
        accepts_old: bool | None,
    ) -> TlsProbe:
        verdict = ChainVerdict(seen.certificates, self._target.host, self._trust.roots)
        trusted = trace.failure is None
        causes = verdict.causes(trusted=trusted, through_proxy=through_proxy, reason=trace.problem)
        return TlsProbe(
            version=seen.tls_version,
            cipher=seen.cipher,
            certificates=read_certificates(seen.certificates),
            trusted=trusted,
            public=verdict.anchored,
            name_matches=True if trusted else verdict.name_matches,
            accepts_old=accepts_old,
            seconds=trace.phases.tls or 0.0,
            problem=trace.problem,
            cause=causes[0] if causes else Cause.NONE,
            causes=causes,
        )


def old_tls() -> ssl.SSLContext:
    """Return a context that offers TLS 1.0 and 1.1 only, with ciphers of that time.

    A system's own policy may still refuse to speak them; the handshake fails then.
    """
    context = unverified_tls()
    with warnings.catch_warnings():  # that these versions are deprecated is why they are tried
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def tls_cause(reason: str) -> Cause:
    """Return the cause behind OpenSSL's name for a failed handshake."""
    return next((cause for name, cause in _TLS_REASONS if name in reason), Cause.TLS_HANDSHAKE)


def proxy_cause(trace: RequestTrace) -> Cause:
    """Return why a request did not get past the proxy."""
    if trace.status == 407:  # the answer to a plain request
        return Cause.PROXY_LOG_IN
    if trace.failure is RequestFailure.TUNNEL:
        return _refusal_cause(trace.proxy_status)
    if trace.failure in {RequestFailure.TLS, RequestFailure.CERTIFICATE}:
        return Cause.PROXY_TLS
    if trace.proxy_asked:
        timed_out = trace.failure is RequestFailure.TIMEOUT
        return Cause.PROXY_NO_CONNECTION if timed_out else Cause.PROXY_BROKEN
    return Cause.PROXY_UNREACHABLE


def _refusal_cause(status: int | None) -> Cause:
    if status is None:
        return Cause.PROXY_NOT_HTTP
    if status == 407:
        return Cause.PROXY_LOG_IN
    if status == 511 or status < 400:
        return Cause.PROXY_REDIRECT
    return Cause.PROXY_REFUSED if status < 500 else Cause.PROXY_NO_CONNECTION


def _message_types(said: bytes) -> set[int]:
    """Return the types of the messages in records of a handshake (RFC 5246, 6.2.1 and 7.4)."""
    messages, found = b"", set()
    while len(said) >= 5 and said[0] == _HANDSHAKE:
        end = 5 + int.from_bytes(said[3:5], "big")
        messages, said = messages + said[5:end], said[end:]
    while len(messages) >= 4:
        found.add(messages[0])
        messages = messages[4 + int.from_bytes(messages[1:4], "big") :]
    return found


def _is_no_tunnel(heard: Overheard) -> bool:
    """Return whether a proxy itself speaks in a tunnel, rather than a host without TLS.

    A server of another protocol greets unasked; one of plain http answers the handshake with 400.
    """
    said = heard.said
    if not said or protocol_of(said):
        return False
    return heard.unasked or not re.match(rb"HTTP/1\.\d 400|-ERR|\* ", said)


def _quoted(said: bytes, mask: Callable[[str], str]) -> str:
    """Return the beginning of what was said, in one line, masked before it is cut."""
    line = " ".join(mask(said.decode("utf-8", "replace")).split())
    return escape_invisible(line if len(line) <= _QUOTED else f"{line[:_QUOTED]}…")


def _failed(trace: RequestTrace, cause: Cause) -> TlsProbe:
    return TlsProbe(
        seconds=trace.phases.tls or 0.0, problem=trace.problem, cause=cause, causes=(cause,)
    )


def _with_cause(probe: TlsProbe, cause: Cause) -> TlsProbe:
    causes = (cause, *(one for one in probe.causes if one is not Cause.CERT_INVALID))
    return replace(probe, trusted=False, cause=cause, causes=causes)
