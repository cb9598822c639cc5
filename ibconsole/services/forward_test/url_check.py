"""Remarks on a forward URL as it is being typed: could the platform post messages to it?

A mistake that prevents any request makes the URL unusable. Everything else is explained as a
warning, because what the platform accepts is not documented.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import SplitResult, urlsplit

import msgspec

from ibconsole.errors import Severity
from ibconsole.hosts import host_of, is_address, is_loopback, is_private
from ibconsole.services.forward_test.homoglyphs import (
    decode_host,
    find_lookalike,
    find_mixed_label,
)
from ibconsole.text import escape_invisible

_SPACE = re.compile(r"\s")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_SCHEME_TWICE = re.compile(r"(https?:/*)+(?=https?://)", re.IGNORECASE)
_PUNCTUATION = ".,;:!?"
_BRACKETS = {"<": ">", '"': '"', "'": "'", "`": "`", "(": ")", "[": "]", "“": "”", "«": "»"}
_NUMBER = re.compile(r"(0x[0-9a-f]+|[0-9]+)", re.IGNORECASE)
_TUNNELS = (
    "ngrok.io",
    "ngrok.app",
    "ngrok-free.app",
    "ngrok-free.dev",
    "ngrok.dev",
    "loca.lt",
    "trycloudflare.com",
    "lhr.life",
    "localhost.run",
    "serveo.net",
    "serveousercontent.com",
    "pinggy.link",
    "pinggy.io",
    "tunnelmole.net",
)
_PUBLIC_BINS = ("webhook.site", "requestbin.com", "pipedream.net", "beeceptor.com", "hookbin.com")
_RESERVED = (".test", ".example", ".invalid", ".onion")


class UrlRemark(msgspec.Struct, frozen=True):
    """One remark on a URL; `severity` is None if there is nothing to say.

    A URL is not `usable` with a mistake in it (severity DANGER), nor while nothing is typed
    (no severity). `correction` is the URL without the mistake, empty if it is not obvious.
    """

    severity: Severity | None = None
    sentence: str = ""
    usable: bool = True
    correction: str = ""


class UrlContext(msgspec.Struct, frozen=True):
    """The circumstances in which a URL is judged.

    The `sandbox` runs on this computer and forwards to nowhere else. `same_configuration`
    are the forward URLs of the configuration in question, `other_configurations` those of
    the account's others.
    """

    sandbox: bool = False
    same_configuration: Sequence[str] = ()
    other_configurations: Sequence[str] = ()


_NO_CONTEXT = UrlContext()


def url_remarks(text: str, context: UrlContext = _NO_CONTEXT) -> tuple[UrlRemark, ...]:
    """Return all remarks on a forward URL, the most important first; a mistake stands alone.

    Spaces around the URL are ignored. An empty text has one remark: not usable.
    """
    url = text.strip()
    if not url:
        return (UrlRemark(usable=False),)
    if mistake := _mistake(url):
        return (mistake,)
    parts = urlsplit(url)
    host = parts.hostname or ""
    remarks = [
        *_deception(host, context),
        *_location(host, sandbox=context.sandbox),
        *_typing_errors(url, parts),
        *_advice(parts),
        *_duplicates(url, context),
    ]
    order = (Severity.OK, Severity.WARNING, Severity.INFO)
    return tuple(sorted(remarks, key=lambda remark: order.index(remark.severity or Severity.INFO)))


def _wrong(sentence: str, correction: str = "") -> UrlRemark:
    return UrlRemark(Severity.DANGER, sentence, usable=False, correction=correction)


def _warn(sentence: str, correction: str = "") -> UrlRemark:
    return UrlRemark(Severity.WARNING, sentence, correction=correction)


def _mistake(url: str) -> UrlRemark | None:
    """Return the remark on a mistake that prevents any request; None if there is none."""
    if _INVISIBLE.search(url):
        visible = _INVISIBLE.sub("", url)
        return _wrong("There is an invisible character in it, as copied text often has.", visible)
    if url[0] in _BRACKETS and not _SCHEME.match(url):
        unwrapped = url[1:].removesuffix(_BRACKETS[url[0]])
        return _wrong("It is wrapped in quotation marks or brackets.", unwrapped)
    if _SPACE.search(url):
        return _wrong("A URL has no spaces; write one as %20.", _SPACE.sub("%20", url))
    if not _SCHEME.match(url):
        return _missing_scheme(url)
    return _malformed(url)


def _missing_scheme(url: str) -> UrlRemark:
    """Complete `example.com/in`, and `https:/example.com` or `https:\\\\…`, with a scheme."""
    rest = re.sub(r"^[a-z]*:[/\\]*", "", url.replace("\\", "/"), flags=re.IGNORECASE)
    has_domain = re.match(r"[\w-]+(\.[\w-]+)+([:/?]|$)", rest)
    return _wrong("Begin with https://.", f"https://{rest}" if has_domain else "")


def _malformed(url: str) -> UrlRemark | None:
    if twice := _SCHEME_TWICE.match(url):
        return _wrong("The scheme is written twice.", url[twice.end() :])
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return _wrong("The host or the port of this URL is not valid.")
    if parts.scheme not in ("https", "http"):
        return _wrong(f"The platform posts over http or https, not {parts.scheme}.")
    if port == 0:
        return _wrong("Port 0 cannot be used by any server.")
    if not host:
        return _wrong("The host is missing.")
    return _invalid_host(host)


def _invalid_host(host: str) -> UrlRemark | None:
    if is_address(host):
        return None
    labels = host.removesuffix(".").split(".")
    if "" in labels:
        return _wrong("There are two dots in a row in the host, or one in front.")
    if any(len(label) > 63 for label in labels) or len(host) > 253:
        return _wrong("The host, or a part of it, is longer than a name can be.")
    if re.search(r"[{}<>|\\^`\"*$%]", host):
        return _wrong("The host contains a placeholder or a character that no name can have.")
    return None


def _deception(host: str, context: UrlContext) -> Iterator[UrlRemark]:
    """Warn of a host that may be mistaken for another one."""
    readable = decode_host(host)
    if readable != host:
        yield _warn(
            f"People read this host as {escape_invisible(readable)}. Is that what you expect?"
        )
    label, alphabets = find_mixed_label(host)
    if label:
        yield _warn(
            f"The letters of “{escape_invisible(label)}” come from several alphabets"
            f" ({', '.join(alphabets)}), though they look alike. Deceptive names do this."
        )
    if not host.isascii():
        encoded = _idna(host)
        yield _warn(
            "The host has letters beyond a to z. How the platform encodes them is not documented"
            + (f"; by the standard it is {encoded}." if encoded else ".")
        )
    known = [host_of(url) for url in (*context.same_configuration, *context.other_configurations)]
    if host not in known and (other := find_lookalike(host, known)):
        yield _warn(
            f"This host is not {escape_invisible(other)}, which other actions forward to,"
            " but it looks much like it. Compare them letter by letter."
        )


def _location(host: str, *, sandbox: bool) -> Iterator[UrlRemark]:
    """Remark on whether the platform reaches the host."""
    local = is_loopback(host)
    if sandbox and local:
        sentence = "The sandbox runs on this computer, so it reaches this address."
        yield UrlRemark(Severity.OK, sentence)
    elif sandbox:
        yield _warn("The sandbox forwards to this computer only, not to this host.")
    elif local:
        yield _warn(
            "To the platform this is its own computer, not yours. Use a public address, such as"
            " that of a tunnel which ends here."
        )
    elif is_private(host):
        yield _warn(
            "This belongs to a private network, and the platform calls from the internet. Use a"
            " public address, such as that of a tunnel which ends here."
        )
    elif host.rstrip(".").endswith(_RESERVED):
        yield _warn("Names with this ending are reserved: no server on the internet has one.")


def _typing_errors(url: str, parts: SplitResult) -> Iterator[UrlRemark]:
    """Warn of what typing and pasting often add."""
    if url[-1] in _PUNCTUATION:
        yield _warn(
            f"It ends with “{url[-1]}”, probably from the sentence that it was copied from.",
            url.rstrip(_PUNCTUATION),
        )
    if url[-1] in _BRACKETS.values() and url[-1] not in ")]" and not _SPACE.search(url):
        yield _warn("It ends with a quotation mark or a bracket.", url[:-1])
    if "\\" in url:
        yield _warn("It has a backslash in it; URLs have slashes.", url.replace("\\", "/"))
    host = parts.hostname or ""
    if host.endswith(".") and url[-1] not in _PUNCTUATION:
        correction = url.replace(f"{host}", host.rstrip("."), 1)
        yield _warn("The host ends with a dot, which not every server accepts.", correction)
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) and not is_address(host):
        yield _warn("The host is written in numbers, but not as an IP address usually is.")
    if "_" in host:
        yield _warn("Host names have no underscore; some programs refuse them.")


def _advice(parts: SplitResult) -> Iterator[UrlRemark]:
    yield from _exposures(parts)
    host = (parts.hostname or "").rstrip(".")
    if _within(host, _TUNNELS):
        yield UrlRemark(
            Severity.INFO,
            "This is a tunnel. Many get a new address at every start, and messages to the old one"
            " are then lost: replace the action each time, or use a fixed address.",
        )
    if _within(host, _PUBLIC_BINS):
        yield _warn(
            "This is a public page for looking at requests: everybody who has the address can"
            " read what arrives, including your customers' messages."
        )
    if parts.path in {"", "/"} and not parts.query:
        yield UrlRemark(
            Severity.INFO,
            "There is no path. Forwards carry no signature, so only a path that cannot be guessed"
            " keeps others from posting here.",
        )


def _exposures(parts: SplitResult) -> Iterator[UrlRemark]:
    if parts.username is not None:
        yield _warn(
            "Whether the platform sends a user name and password is not documented, and everybody"
            " who may list the actions can read them."
        )
    if parts.fragment:
        yield _warn("The part after # is never sent to a server.", _url(parts, fragment=""))
    if parts.scheme == "http" and parts.port == 443:
        yield _warn("Port 443 is that of https.", _url(parts, scheme="https"))
    elif parts.scheme == "https" and parts.port == 80:
        yield _warn("Port 80 is usually that of http, where https is not answered.")
    elif parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        correction = "" if parts.port else _url(parts, scheme="https")
        yield _warn("Messages would travel unencrypted: prefer https.", correction)


def _duplicates(url: str, context: UrlContext) -> Iterator[UrlRemark]:
    if url in context.same_configuration:
        yield _warn(
            "An action of this configuration forwards there already. Whether every message would"
            " be posted twice is not documented."
        )


def _url(parts: SplitResult, **changes: str) -> str:
    return parts._replace(**changes).geturl()


def _idna(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _within(host: str, domains: Sequence[str]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
