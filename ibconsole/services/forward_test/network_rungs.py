"""The rungs below a request: what names, addresses, connections and certificates amount to."""

import re
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from ibconsole.hosts import Network
from ibconsole.plural import counted
from ibconsole.services.forward_test.causes import remedy_for, state_of
from ibconsole.services.forward_test.rungs import (
    AddressProbe,
    Cause,
    HostNames,
    Rung,
    RungKind,
    RungState,
    TlsProbe,
)

_BLANK = re.compile(r"0\.0\.0\.0|[0:]*:[0:]*(?:0\.0\.0\.0)?")
_WORDS = {Network.LOOPBACK: "this computer (loopback)", Network.PRIVATE: "a private network"}
_UNREACHABLE_KINDS = {Network.METADATA, Network.LINK_LOCAL, Network.RESERVED}
# Through a proxy nothing tells whether the host or the proxy does this.
ENDED_BY_EITHER = {Cause.TLS_RESET, Cause.TLS_TIMEOUT}
_CERTIFICATE_SENTENCES = {
    Cause.CERT_EXPIRED: "the certificate has expired",
    Cause.CERT_NOT_YET: "the certificate is not valid yet",
    Cause.CERT_NAME: "the certificate is not for this host",
    Cause.CERT_CHAIN: "the server does not send the intermediate certificate",
    Cause.CERT_UNKNOWN_CA: "an authority that this computer does not know issued the certificate",
    Cause.CERT_SELF_SIGNED: "the certificate is self-signed",
    Cause.CERT_WEAK: "the certificate has a weak key or signature",
    Cause.CERT_INVALID: "the certificate is not valid",
    Cause.CERT_PRIVATE_CA: (
        "an authority that this computer knows, and no public list, issued the certificate"
    ),
    Cause.CERT_EXPIRES_SOON: "the certificate expires soon",
    Cause.TLS_INTERCEPTED: "something on the way decrypts the traffic and has its own certificate",
    Cause.TLS_OLD: "the server speaks only TLS versions before 1.2",
    Cause.TLS_NOT_SPOKEN: "the server does not speak TLS on this port",
    Cause.TLS_NAME_UNKNOWN: "the server does not know this host",
    Cause.TLS_CLIENT_CERTIFICATE: "the server wants a client certificate",
    Cause.TLS_TIMEOUT: "the server did not answer the handshake in time",
    Cause.TLS_RESET: "the connection was closed in the handshake",
    Cause.TLS_HANDSHAKE: "the handshake failed",
}


def names_rung(names: HostNames, *, proxy: str) -> Rung:
    """Judge a lookup. Through a proxy a failure says nothing: the proxy looks names up itself."""
    seconds = names.seconds
    if names.problem and proxy:
        sentence = f"{names.problem} The proxy {proxy} looks it up itself."
        return Rung(RungKind.NAMES, RungState.NOT_KNOWN, sentence, seconds=seconds)
    if names.problem:
        return _rung(RungKind.NAMES, names.cause, names.problem, (), seconds)
    details = [f"{names.host} is an alias of {name}." for name in names.canonical_names]
    families = {":" in address for address in names.addresses}
    sentence = (
        f"{names.host} is an address."
        if names.addresses == (names.host,)
        else f"{names.host} has {counted(len(names.addresses), 'address', 'addresses')}:"
        f" {', '.join(names.addresses[:8])}."
    )
    if families == {True} and names.addresses != (names.host,):
        sentence = f"{names.host} has IPv6 addresses only: {', '.join(names.addresses[:8])}."
        return _rung(RungKind.NAMES, Cause.IPV6_ONLY, sentence, details, seconds)
    return _rung(RungKind.NAMES, Cause.NONE, sentence, details, seconds)


def addresses_rung(kinds: Sequence[tuple[str, Network]], *, sandbox: bool) -> Rung:
    """Judge whether the platform reaches these addresses, which it calls from the internet.

    Loopback is a warning: a user who tests a server of this computer knows that. The sandbox
    reaches nothing else.
    """
    if blank := [address for address, _ in kinds if _is_blank(address)]:
        return _blank_rung(blank, len(kinds))
    local = [address for address, kind in kinds if kind is Network.LOOPBACK]
    if sandbox:
        return _sandbox_rung(kinds, local)
    foreign = [(address, kind) for address, kind in kinds if kind is not Network.PUBLIC]
    details = [f"{address}: {kind}." for address, kind in kinds]
    if not foreign:
        what = "The address is" if len(kinds) == 1 else "All addresses are"
        return _rung(RungKind.ADDRESSES, Cause.NONE, f"{what} public.", details, None)
    if len(foreign) < len(kinds):
        sentence = (
            f"{len(foreign)} of {len(kinds)} addresses cannot be reached from the internet:"
            f" {', '.join(address for address, _ in foreign)}."
        )
        return _rung(RungKind.ADDRESSES, Cause.SOME_ADDRESSES_PRIVATE, sentence, details, None)
    if len(local) == len(kinds):
        sentence = "This is this computer: the platform cannot reach it by this address."
        rung = _rung(RungKind.ADDRESSES, Cause.PRIVATE_ADDRESSES, sentence, details, None)
        return replace(rung, state=RungState.WARNING)
    named = sorted({_WORDS.get(kind, str(kind)) for _, kind in foreign})
    sentence = f"The platform cannot reach it from the internet: {', '.join(named)}."
    return _rung(RungKind.ADDRESSES, Cause.PRIVATE_ADDRESSES, sentence, details, None)


def goes_on(kinds: Sequence[tuple[str, Network]]) -> bool:
    """Return whether a connection to these addresses can say anything about the endpoint."""
    return any(kind not in _UNREACHABLE_KINDS and not _is_blank(one) for one, kind in kinds)


def _is_blank(address: str) -> bool:
    return bool(_BLANK.fullmatch(address))


def _blank_rung(blank: Sequence[str], count: int) -> Rung:
    """Judge the unspecified address: programs listen on it, and none is reached by it."""
    sentence = (
        f"{blank[0]} is the address of no server, neither from the internet nor from here: a name"
        " server or filter that blocks a name answers it, and programs listen on it."
    )
    every = len(blank) == count
    cause = Cause.PRIVATE_ADDRESSES if every else Cause.SOME_ADDRESSES_PRIVATE
    return _rung(RungKind.ADDRESSES, cause, sentence, (), None)


def _sandbox_rung(kinds: Sequence[tuple[str, Network]], local: Sequence[str]) -> Rung:
    if len(local) == len(kinds):
        sentence = "The sandbox runs on this computer, and reaches this address."
        return _rung(RungKind.ADDRESSES, Cause.NONE, sentence, (), None)
    if local:
        others = ", ".join(address for address, kind in kinds if kind is not Network.LOOPBACK)
        sentence = (
            f"The sandbox runs on this computer, and reaches {', '.join(local)} only, not {others}."
        )
        return _rung(RungKind.ADDRESSES, Cause.SOME_ADDRESSES_PRIVATE, sentence, (), None)
    sentence = "The sandbox forwards to this computer only, not to this host."
    return _rung(RungKind.ADDRESSES, Cause.PRIVATE_ADDRESSES, sentence, (), None)


def connections_rung(probes: Sequence[AddressProbe]) -> Rung:
    """Judge the connections to all addresses; IPv6 that this computer lacks is no fault."""
    seconds = max((probe.seconds for probe in probes), default=0.0)
    tried = [probe for probe in probes if not _lacks_family(probe, probes)]
    details = [_connection_detail(probe) for probe in probes]
    dead = [probe for probe in tried if not probe.is_connected]
    if not tried:
        sentence = "This computer has no way to addresses of this family, so nothing is known."
        return Rung(RungKind.CONNECTIONS, RungState.NOT_KNOWN, sentence, "", tuple(details))
    if not dead:
        sentence = (
            "The connection is open."
            if len(tried) == 1
            else f"All {len(tried)} addresses accept connections."
        )
        return _rung(RungKind.CONNECTIONS, Cause.NONE, sentence, details, seconds)
    if len(dead) == len(tried):
        first = dead[0]
        sentence = (
            first.problem if len(dead) == 1 else f"No address accepts connections. {first.problem}"
        )
        return _rung(RungKind.CONNECTIONS, first.cause, sentence, details, seconds)
    only_ipv6 = {probe.family for probe in dead} == {"IPv6"} and len(
        [probe for probe in tried if probe.family == "IPv6"]
    ) == len(dead)
    cause = Cause.IPV6_DEAD if only_ipv6 else Cause.SOME_ADDRESSES_DEAD
    sentence = (
        f"{len(dead)} of {len(tried)} addresses do not accept connections:"
        f" {', '.join(probe.address for probe in dead)}."
    )
    return _rung(RungKind.CONNECTIONS, cause, sentence, details, seconds)


def proxy_rung(probe: AddressProbe, proxy: str, *, tunnel: bool) -> Rung:
    """Judge the way through a proxy: a tunnel reaches the host, a plain one only the proxy."""
    if not probe.is_connected:
        return _rung(RungKind.CONNECTIONS, probe.cause, probe.problem, (), probe.seconds)
    sentence = (
        f"The proxy {proxy} connected to the host."
        if tunnel
        else f"The proxy {proxy} is reached. It connects to the host when the request comes."
    )
    return _rung(RungKind.CONNECTIONS, Cause.NONE, sentence, (), probe.seconds)


def tls_rung(probes: Sequence[AddressProbe], *, proxy: str = "") -> Rung:
    """Judge the handshakes with all addresses that accepted a connection, or through a proxy."""
    tried = [(probe.address, probe.tls) for probe in probes if probe.tls]
    if not tried:
        sentence = "No connection was open, so there was no handshake."
        return Rung(RungKind.TLS, RungState.SKIPPED, sentence)
    seconds = max(tls.seconds for _, tls in tried)
    details = [line for address, tls in tried for line in _tls_details(address, tls)]
    failed = [(address, tls) for address, tls in tried if tls.cause is not Cause.NONE]
    if not failed:
        sentence = _success(tried[0][1], len(tried))
        return _rung(RungKind.TLS, Cause.NONE, sentence, details, seconds)
    worst = _worst(failed, lambda tls: state_of(tls.cause) is RungState.FAILED)
    sentence = f"{_capital(_CERTIFICATE_SENTENCES[worst.cause])}{_specifics(worst)}."
    if proxy and worst.cause in ENDED_BY_EITHER:
        sentence += f" From here it looks the same whether the host or the proxy {proxy} does it."
    if len(failed) == len(tried):
        return _rung(RungKind.TLS, worst.cause, sentence, details, seconds)
    where = ", ".join(address for address, _ in failed)
    sentence = f"TLS fails at {len(failed)} of {len(tried)} addresses ({where}): {sentence}"
    if state_of(worst.cause) is RungState.WARNING:
        return _rung(RungKind.TLS, worst.cause, sentence, details, seconds)
    return _rung(RungKind.TLS, Cause.SOME_ADDRESSES_TLS, sentence, details, seconds)


def _worst(
    failed: Sequence[tuple[str, TlsProbe]], is_grave: Callable[[TlsProbe], bool]
) -> TlsProbe:
    return next((tls for _, tls in failed if is_grave(tls)), failed[0][1])


def _success(tls: TlsProbe, count: int) -> str:
    where = "" if count == 1 else f" at all {count} addresses"
    left = f", {tls.certificates[0].remaining}" if tls.certificates else ""
    return f"{tls.version} with a trusted certificate{where}{left}."


def _specifics(tls: TlsProbe) -> str:
    """Return what the certificate says about its fault, as the end of a sentence."""
    own = tls.certificates[0] if tls.certificates else None
    if own is None:
        return ""
    names = ", ".join(own.names) or f"no name (only {own.subject})"
    specifics = {
        Cause.CERT_NAME: f", but for {names}",
        Cause.CERT_EXPIRED: f" ({counted(max(0, -own.days_left), 'day', 'days')} ago)",
        Cause.CERT_EXPIRES_SOON: f", in {counted(own.days_left, 'day', 'days')}",
        Cause.CERT_UNKNOWN_CA: f": {tls.certificates[-1].issuer}",
        Cause.CERT_CHAIN: f": {tls.certificates[-1].issuer}",
        Cause.CERT_PRIVATE_CA: f": {tls.certificates[-1].issuer}",
        Cause.TLS_INTERCEPTED: f": {own.issuer}",
    }
    return specifics.get(tls.cause, "")


def _tls_details(address: str, tls: TlsProbe) -> Sequence[str]:
    at = f"{address}: " if address else ""
    lines = []
    if tls.version:
        lines.append(f"{at}{tls.version}, {tls.cipher}.")
    others = [_CERTIFICATE_SENTENCES[cause] for cause in tls.causes if cause is not tls.cause]
    lines += [f"{at}Also, {other}." for other in others]
    if tls.problem:
        lines.append(f"{at}{tls.problem}")
    if tls.accepts_old and tls.cause is not Cause.TLS_OLD:
        lines.append(f"{at}TLS 1.0 or 1.1 is accepted, too.")
    for number, one in enumerate(tls.certificates):
        what = "Certificate" if number == 0 else f"Certificate {number + 1}"
        names = f" for {', '.join(one.names)}" if one.names else ""
        lines.append(f"{at}{what}: {one.subject}{names}, by {one.issuer}, {one.remaining}.")
    return lines


def _connection_detail(probe: AddressProbe) -> str:
    if probe.is_connected:
        return f"{probe.address}: open after {probe.seconds * 1000:.0f} ms."
    return f"{probe.address}: {probe.problem}"


def _lacks_family(probe: AddressProbe, probes: Sequence[AddressProbe]) -> bool:
    """Return whether this computer has no route for the address's family at all."""
    same = [one for one in probes if one.family == probe.family]
    return probe.family == "IPv6" and all(
        one.cause is Cause.UNREACHABLE and one.kind is Network.PUBLIC for one in same
    )


def _rung(
    kind: RungKind, cause: Cause, sentence: str, details: Sequence[str], seconds: float | None
) -> Rung:
    return Rung(kind, state_of(cause), sentence, remedy_for(cause), tuple(details), seconds, cause)


def _capital(clause: str) -> str:
    return clause[:1].upper() + clause[1:]
