"""Addresses of proxies, in the spellings that people and desktops put into variables."""

import base64
import re
from ipaddress import IPv6Address
from urllib.parse import unquote_to_bytes

import msgspec

from ibconsole.hosts import host_of
from ibconsole.lazy import lazy_pattern
from ibconsole.pasted import clean_pasted
from ibconsole.secret import Secret

_SCHEME = lazy_pattern(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
# A scheme with a slash or the colon missing, which would be read as the name of a host.
_BROKEN_SCHEME = lazy_pattern(r"(?:https?|socks[0-9a-z]*)(?::/?(?!/|\d+(?:/|$))|/)", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SECOND_ADDRESS = lazy_pattern(r"[,;\s]+[a-z0-9]+://", re.IGNORECASE)
_SEVERAL = "there is more than one address, and only one proxy can be used"
_NAME = lazy_pattern(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")
_NO_HOST_CHARACTER = lazy_pattern(r"[^a-z0-9_.-]")


class UnusableProxy(ValueError):
    """An address that cannot be used; the text is a clause, without any part of the address."""


class Proxy(msgspec.Struct, frozen=True):
    """An HTTP proxy, and the variable that names it.

    `scheme` is https if the connection to the proxy itself is encrypted. `host` is ASCII, an IPv6
    address without brackets. `credential` is the value of a Proxy-Authorization header; `secrets`
    are the parts of it that must not be shown.
    """

    variable: str
    scheme: str
    host: str
    port: int
    credential: Secret | None = None
    secrets: tuple[Secret, ...] = ()

    @property
    def address(self) -> str:
        """Host and port for display, without user name and password."""
        return f"{'https://' if self.scheme == 'https' else ''}{self._host_and_port}"

    @property
    def _host_and_port(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.address} ({self.variable})"

    def explain_refusal(
        self, status: int, host: str, outcome: str = "nothing was sent", location: str = ""
    ) -> str:
        """Return sentences on a refusal to connect to a host, by the status of the answer.

        `outcome` is a clause on what became of the request; `location` is where the answer leads.
        """
        if status == 407 and self.credential:
            return (
                f"The proxy {self} did not accept the user name and password in {self.variable}"
                f" (407), {outcome}. Correct them there; only Basic log-in is supported."
            )
        if status == 407:
            return (
                f"The proxy {self} wants a user name and password (407), {outcome}. Write"
                f" them into {self.variable}: {self.scheme}://user:password@{self._host_and_port}."
            )
        if status == 511 or 300 <= status < 400:
            page = host_of(location)
            to = f" and leads to {page}" if page else ""
            return (
                f"The proxy {self} answered {status}{to} in place of connecting to {host},"
                f" {outcome}. A network that wants a log-in first (a captive portal) does that."
            )
        if 400 <= status < 500:
            name = host.partition(":")[0]
            return (
                f"The proxy {self} refuses connections to {host} ({status}), {outcome}. Ask"
                f" its administrator, or add {name} to NO_PROXY if it can be reached directly."
            )
        return (
            f"The proxy {self} could not connect to {host} ({status}), {outcome}. Check the"
            " host, or ask the proxy's administrator."
        )


def parse_proxy(variable: str, text: str) -> Proxy:
    """Read the address of a proxy; the scheme may be missing, and is http then.

    Without a port it is 80, or 443 for https. Raises UnusableProxy.
    """
    text = clean_pasted(text)
    found = _SCHEME.match(text)
    scheme = found[1].lower() if found else "http"
    if scheme not in _DEFAULT_PORTS:
        raise UnusableProxy(
            "SOCKS proxies are not supported, only those that begin with http:// or https://"
            if scheme.startswith("socks")
            else "the address has to begin with http:// or https://"
        )
    if not found and _BROKEN_SCHEME.match(text):
        raise UnusableProxy("the address has to begin with http:// or https://")
    rest = text[found.end() :] if found else text.removeprefix("//")
    if _SECOND_ADDRESS.search(rest):
        raise UnusableProxy(_SEVERAL)
    user_info, at, rest = _split_user_info(rest)
    host, port = _split_port(re.split(r"[/?#]", rest, maxsplit=1)[0])
    credential, secrets = _credential(user_info) if at else (None, ())
    return Proxy(variable, scheme, _host(host), port or _DEFAULT_PORTS[scheme], credential, secrets)


def _split_user_info(text: str) -> tuple[str, str, str]:
    user_info, at, rest = text.rpartition("@")
    # Each of these ends the part of a URL that user name and password belong to.
    if found := re.search(r"[/?#]", user_info):
        raise UnusableProxy(
            f"the character {found[0]} in its user name or password has to be written"
            f" %{ord(found[0]):02X}"
        )
    return user_info, at, rest


def _split_port(authority: str) -> tuple[str, int | None]:
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(.*))?", authority, re.DOTALL)
    if bracketed:
        host, digits = f"[{bracketed[1]}]", bracketed[2] or ""
    else:
        host, _, digits = authority.partition(":")
    if re.search(r"[,;]", authority):
        raise UnusableProxy(_SEVERAL)
    if re.search(r"\s", authority):
        raise UnusableProxy("there is a blank in the address")
    if ":" in digits:
        raise UnusableProxy("there is more than one colon: an IPv6 address has to be in brackets")
    if not digits:
        return host, None
    if not re.fullmatch("[0-9]{1,5}", digits) or not 0 < int(digits) < 65_536:
        raise UnusableProxy("the port after the colon has to be a number from 1 to 65535")
    return host, int(digits)


def _host(text: str) -> str:
    if not text:
        raise UnusableProxy("the address names no host")
    if text.startswith("["):
        try:
            return str(IPv6Address(text[1:-1].replace("%25", "%")))
        except ValueError:
            raise UnusableProxy("there is no IPv6 address in the brackets") from None
    try:
        host = text.lower() if text.isascii() else text.encode("idna").decode("ascii")
    except UnicodeError:
        raise UnusableProxy("the address contains no valid host name") from None
    if found := _NO_HOST_CHARACTER.search(host):
        raise UnusableProxy(f"the host name contains the character {_shown(found[0])}")
    if not _NAME.fullmatch(host) or len(host) > 253 or max(map(len, host.split("."))) > 63:
        raise UnusableProxy("the address contains no valid host name")
    return host


def _shown(character: str) -> str:
    if character.isspace():
        return "“ ” (a blank)"
    return character if character.isprintable() else f"U+{ord(character):04X}"


def _credential(user_info: str) -> tuple[Secret, tuple[Secret, ...]]:
    """Return the value for Basic authorization (RFC 7617), and the secrets in it."""
    user, _, password = user_info.partition(":")
    try:
        raw = b":".join(
            unquote_to_bytes(part.encode("utf-8", "surrogateescape")) for part in (user, password)
        )
    except UnicodeEncodeError:  # only Windows has such values
        raise UnusableProxy("its user name or password contains half of a character") from None
    value = Secret(f"Basic {base64.b64encode(raw).decode('ascii')}")
    plain = raw.partition(b":")[2].decode("utf-8", "surrogateescape")
    return value, tuple(map(Secret, filter(None, dict.fromkeys((value.reveal(), password, plain)))))
