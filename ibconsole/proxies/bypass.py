"""Entries of NO_PROXY: the hosts that are reached without a proxy, in every common spelling.

`corp.example`, `.corp.example` and `*.corp.example` all mean the domain and what is below it, as
for curl and GNOME. Names are not looked up, so that a network covers addresses only.
"""

import re
from collections.abc import Callable, Iterator
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import urlsplit

import msgspec

from ibconsole.hosts import is_loopback
from ibconsole.lazy import lazy_pattern
from ibconsole.pasted import clean_pasted

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SEPARATORS = lazy_pattern(r"[\s,;|]+")
_ENTRY = lazy_pattern(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?"
    r"(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:/\[\]@]+))(?::(?P<port>\d{1,5}|\*))?/?",
    re.IGNORECASE,
)
_PATTERN = lazy_pattern(r"[\w.*-]*[\w*][\w.*-]*")

_MAPPED_BITS = 96  # before an IPv4 address in an IPv6 address

Address = IPv4Address | IPv6Address


class Origin(msgspec.Struct, frozen=True):
    """The origin of a URL, on which the choice of a proxy depends; `host` is normalized."""

    scheme: str
    host: str
    port: int

    @property
    def is_this_computer(self) -> bool:
        """True if the host means this computer."""
        return is_loopback(self.host)


class BypassEntry(msgspec.Struct, frozen=True):
    """One entry of NO_PROXY; `covers` is None if it cannot be read."""

    text: str
    covers: Callable[[Origin], bool] | None
    includes_loopback: bool = False


def read_origin(url: str) -> Origin:
    """Return the origin of an http or https URL. Raises ValueError for anything else."""
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError("The URL has to begin with http:// or https:// and a host.")
    port = _DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    return Origin(parts.scheme, normalize_host(parts.hostname), port)


def parse_bypass(text: str) -> Iterator[BypassEntry]:
    """Read the entries of NO_PROXY, which commas, semicolons, bars or blanks separate."""
    for part in _SEPARATORS.split(text):
        # <local> is one of the entries; the brackets around a pasted value are not a part of it.
        if entry := part if part.startswith("<") else clean_pasted(part):
            yield _parse_entry(entry)


def normalize_host(host: str) -> str:
    """Return a host in lower case, in ASCII, without a final dot; an address in its usual form."""
    address = _address(host.partition("%")[0])
    if address:
        return str(address)
    host = host.lower().rstrip(".\u3002")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _parse_entry(text: str) -> BypassEntry:
    if text == "*":
        return BypassEntry(text, lambda _: True)
    # Chromium and Windows write these two.
    if text.lower() == "<local>":
        return BypassEntry(text, lambda to: "." not in to.host and not _address(to.host))
    if text.lower() == "<-loopback>":
        return BypassEntry(text, lambda _: False, includes_loopback=True)
    try:
        return BypassEntry(text, _network(text) or _host_rule(text))
    except ValueError:
        return BypassEntry(text, None)


def _network(text: str) -> Callable[[Origin], bool] | None:
    if not re.fullmatch(r"\[?[0-9a-f.:]+\]?/[0-9.]+", text, re.IGNORECASE):
        return None
    network = ip_network(text.replace("[", "").replace("]", ""), strict=False)
    if isinstance(network, IPv6Network) and network.prefixlen >= _MAPPED_BITS:
        mapped = network.network_address.ipv4_mapped
        if mapped:  # ::ffff:10.0.0.0/104 is 10.0.0.0/8
            network = IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))

    def covers(to: Origin) -> bool:
        address = _address(to.host)
        return address is not None and address.version == network.version and address in network

    return covers


def _host_rule(text: str) -> Callable[[Origin], bool]:
    """Read host, optional port and scheme. Raises ValueError."""
    if _address(text):  # an IPv6 address without brackets has no port
        return _with_limits(_name_rule(text), None, None)
    found = _ENTRY.fullmatch(text)
    if not found:
        raise ValueError(text)
    if found["v6"] and not _address(found["v6"]):
        raise ValueError(text)
    port = None if found["port"] in {None, "*"} else int(found["port"])
    if port is not None and not 0 < port < 65_536:
        raise ValueError(text)
    return _with_limits(_name_rule(found["v6"] or found["host"]), found["scheme"], port)


def _with_limits(
    matches: Callable[[str], bool], scheme: str | None, port: int | None
) -> Callable[[Origin], bool]:
    wanted = (scheme or "all").lower()
    return lambda to: matches(to.host) and port in {None, to.port} and wanted in {"all", to.scheme}


def _name_rule(text: str) -> Callable[[str], bool]:
    name = normalize_host(text)
    if address := _address(name):
        return str(address).__eq__
    name = name.removeprefix("*").removeprefix(".") if name.startswith((".", "*.")) else name
    if not _PATTERN.fullmatch(name) or re.search(r"(^|\.)(-|\.)|-(\.|$)", name):
        raise ValueError(text)
    if "*" in name:
        pattern = re.compile(re.escape(name).replace(r"\*", ".*"))
        return lambda host: pattern.fullmatch(host) is not None
    if name.rpartition(".")[2].isdigit():  # the beginning of an address, which is no domain
        raise ValueError(text)
    return lambda host: host == name or host.endswith(f".{name}")


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
