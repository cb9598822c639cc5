"""The choice of a proxy for one URL, with the reason, and a verdict on every variable.

Names are read in either case, lower case first, and ALL_PROXY is for what has no variable of its
own; as for curl, but HTTP_PROXY counts in upper case, too. An empty variable in lower case
switches off the one in upper case. URLs of this computer are reached without a proxy, as in
browsers and unlike curl, unless NO_PROXY contains `<-loopback>`: what a proxy elsewhere reaches by
that name is not this computer, and a sandbox must not leave it.
"""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from ibconsole.lazy import LazyModule
from ibconsole.plural import counted
from ibconsole.proxies.address import Proxy, UnusableProxy, parse_proxy
from ibconsole.proxies.bypass import BypassEntry, Origin, parse_bypass, read_origin
from ibconsole.secret import MASK
from ibconsole.text import escape_invisible

if TYPE_CHECKING:
    from urllib import request as urllib_request
else:  # only Windows and macOS need it, and it imports much
    urllib_request = LazyModule("urllib.request")

_SYSTEM = "the system's settings"
_LONGEST_SHOWN = 80
# https://httpoxy.org: a web server passes a header called Proxy to a CGI program by that name.
_HTTPOXY = "is not used: REQUEST_METHOD is set, so a web client may have set it. Use http_proxy."


class VariableVerdict(msgspec.Struct, frozen=True):
    """One variable of the proxy environment; `sentence` says what becomes of it, and why.

    `good` is false if the variable, or an entry of it, cannot be used.
    """

    variable: str
    good: bool
    sentence: str

    def __str__(self) -> str:
        return f"{self.variable} {self.sentence}"


class ProxyChoice(msgspec.Struct, frozen=True):
    """The proxy of a URL, None for a direct connection.

    `reason` is a clause. `problem` is a clause, too, empty unless no variable for this URL can
    be used: nothing may be sent then, because a direct connection was not what was configured.
    `warnings` are the verdicts on what was passed over and would have counted for this URL.
    """

    proxy: Proxy | None
    reason: str
    problem: str = ""
    verdicts: tuple[VariableVerdict, ...] = ()
    warnings: tuple[VariableVerdict, ...] = ()


class _Setting(msgspec.Struct, frozen=True):
    """A variable with a value; `error` is empty if it names a proxy that can be used."""

    variable: str
    scheme: str
    proxy: Proxy | None = None
    error: str = ""


class _Exceptions(msgspec.Struct, frozen=True):
    """The variable with the exceptions, and the first entry that covers the URL."""

    variable: str
    entries: Sequence[BypassEntry]
    covering: BypassEntry | None

    @property
    def includes_loopback(self) -> bool:
        return any(entry.includes_loopback for entry in self.entries)


def choose_proxy(url: str, environ: Mapping[str, str] | None = None) -> ProxyChoice:
    """Choose the proxy for an http or https URL, from these variables or the process's own.

    On Windows and macOS the system's own settings count where no variable names a proxy.
    Raises ValueError for a URL of another scheme or without a host.
    """
    to = read_origin(url)
    found = _collect(os.environ if environ is None else environ)
    settings = [_read(name, scheme, text) for scheme, name, text in found.proxies]
    exceptions = _exceptions(found, to)
    reason = _reason_for_direct(to, exceptions)
    candidates = [one for one in settings if one.scheme in {to.scheme, "all"}]
    chosen = None if reason else next((one for one in candidates if one.proxy), None)
    listed = _exception_verdicts(exceptions)
    verdicts = (
        *(_proxy_verdict(one, to, chosen, reason) for one in settings),
        *listed,
        *(VariableVerdict(name, good=True, sentence=text) for name, text in found.unused),
    )
    if chosen and chosen.proxy:
        before = candidates[: candidates.index(chosen)]
        passed_over = [_proxy_verdict(one, to, chosen, reason) for one in before]
        warnings = (*passed_over, *(one for one in listed if not one.good))
        return ProxyChoice(
            chosen.proxy, f"{chosen.variable} names it", verdicts=verdicts, warnings=warnings
        )
    if reason or not candidates:
        return ProxyChoice(None, reason or "no variable names a proxy for it", verdicts=verdicts)
    bad = candidates[0]
    problem = f"the proxy in {bad.variable} cannot be used: {bad.error}"
    return ProxyChoice(None, "", problem, verdicts)


class _Variables(msgspec.Struct, frozen=True):
    """The variables of the proxy environment that have a value, the first in rank first.

    `proxies` are scheme (http, https, all), name and value; `exceptions` name and value of
    NO_PROXY; `unused` are names with the reason.
    """

    proxies: Sequence[tuple[str, str, str]]
    exceptions: tuple[str, str] | None
    unused: Sequence[tuple[str, str]]


def _collect(environ: Mapping[str, str]) -> _Variables:
    proxies: list[tuple[str, str, str]] = []
    exceptions = None
    unused: list[tuple[str, str]] = []
    for kind in ("https", "http", "all", "no"):
        spellings = _spellings(environ, kind)
        off = ""
        for name in spellings:
            value = environ[name].strip()
            if kind == "http" and name != "http_proxy" and "REQUEST_METHOD" in environ:
                unused.append((name, _HTTPOXY))
            elif off:
                unused.append((name, f"is not used: {off} comes first."))
            elif not value:
                unused.append((name, "is empty."))
                off = name if name.islower() else ""
            elif kind == "no":
                exceptions, off = (name, value), name
            else:
                proxies.append((kind, name, value))
    return _Variables(proxies or _system_proxies(), exceptions, unused)


def _spellings(environ: Mapping[str, str], kind: str) -> Sequence[str]:
    """Return the names of the variables of a kind: lower case, upper case, then others."""
    name = f"{kind}_proxy"
    found = {key for key in environ if key.lower() == name}
    return sorted(found, key=lambda key: (key != name, key != name.upper(), key))


def _system_proxies() -> Sequence[tuple[str, str, str]]:
    """Return the proxies of the system's own settings, which only Windows and macOS have.

    Their list of exceptions is not read: that would look up names. Neither system was tested.
    """
    readers = {"win32": "getproxies_registry", "darwin": "getproxies_macosx_sysconf"}
    if sys.platform not in readers:
        return ()
    found: Mapping[str, str] = getattr(urllib_request, readers[sys.platform])()
    return [
        (scheme, f"{_SYSTEM} ({scheme})", value)
        for scheme in ("https", "http", "all")
        if (value := found.get(scheme, "").strip())
    ]


def _read(variable: str, scheme: str, text: str) -> _Setting:
    try:
        return _Setting(variable, scheme, parse_proxy(variable, text))
    except UnusableProxy as error:
        return _Setting(variable, scheme, error=str(error))


def _exceptions(found: _Variables, to: Origin) -> _Exceptions | None:
    if not found.exceptions:
        return None
    name, text = found.exceptions
    entries = tuple(parse_bypass(text))
    covering = next((one for one in entries if one.covers and one.covers(to)), None)
    return _Exceptions(name, entries, covering)


def _reason_for_direct(to: Origin, exceptions: _Exceptions | None) -> str:
    """Return a clause if the URL is reached without a proxy whatever is named, else empty."""
    if exceptions and exceptions.covering:
        return f"“{_shown(exceptions.covering)}” in {exceptions.variable} covers it"
    if to.is_this_computer and not (exceptions and exceptions.includes_loopback):
        return "it is on this computer"
    return ""


def _proxy_verdict(
    setting: _Setting, to: Origin, chosen: _Setting | None, reason: str
) -> VariableVerdict:
    if not setting.proxy:
        sentence = f"is passed over: {setting.error}."
        return VariableVerdict(setting.variable, good=False, sentence=sentence)
    if setting is chosen:
        why = "is used."
    elif setting.scheme not in {to.scheme, "all"}:
        why = f"is for {setting.scheme}:// only."
    elif reason:
        why = f"is not used: {reason}."
    else:
        why = f"is not used: {chosen.variable if chosen else ''} comes first."
    sentence = f"names {setting.proxy.address}, which {why}"
    return VariableVerdict(setting.variable, good=True, sentence=sentence)


def _exception_verdicts(exceptions: _Exceptions | None) -> Sequence[VariableVerdict]:
    if not exceptions:
        return ()
    name, covering = exceptions.variable, exceptions.covering
    sentence = (
        f"covers this URL, by “{_shown(covering)}”." if covering else "does not cover this URL."
    )
    verdicts = [VariableVerdict(name, good=True, sentence=sentence)]
    if bad := [f"“{_shown(one)}”" for one in exceptions.entries if not one.covers]:
        sentence = (
            f"has {counted(len(bad), 'entry', 'entries')} that cannot be read and"
            f" {'is' if len(bad) == 1 else 'are'} passed over: {', '.join(bad)}. An entry is a"
            " host, a domain, an address, or a network such as 10.0.0.0/8."
        )
        verdicts.append(VariableVerdict(name, good=False, sentence=sentence))
    return verdicts


def _shown(entry: BypassEntry) -> str:
    """Return an entry for display, without what may be a password in it."""
    text = re.sub(r"([^/]*//)?.*@", rf"\1{MASK}@", entry.text)
    return escape_invisible(text[:_LONGEST_SHOWN])
