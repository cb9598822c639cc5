"""Whether the platform could forward messages to a URL, while it is being typed.

A mistake that no request could be built from stops the user. Everything else is told and
explained: what the platform accepts is not documented.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from ibconsole.hosts import is_address, is_loopback, is_private
from ibconsole.services.forward_test.homoglyphs import decoded, looks_like, mixed
from ibconsole.text import escape_invisible

_SPACE = re.compile(r"\s")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_TWICE = re.compile(r"(https?:/*)+(?=https?://)", re.IGNORECASE)
_ENDS = ".,;:!?"
_WRAPS = {"<": ">", '"': '"', "'": "'", "`": "`", "(": ")", "[": "]", "“": "”", "«": "»"}
_NUMBERS = re.compile(r"(0x[0-9a-f]+|[0-9]+)", re.IGNORECASE)
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
_NOWHERE = (".test", ".example", ".invalid", ".onion")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be said of a URL: `kind` is empty (nothing), ok, info, warning or danger.

    With danger it cannot be used; so it is with `usable` False and nothing to be said,
    which is the case while there is no URL yet. `better` is the URL without the mistake,
    where that is plain.
    """

    kind: str = ""
    sentence: str = ""
    usable: bool = True
    better: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a URL is judged by, apart from itself.

    In the `sandbox` the platform runs on this computer and forwards to nowhere else.
    `here` are the forward URLs of the configuration at hand, `elsewhere` those of other
    actions of the account.
    """

    sandbox: bool = False
    here: Sequence[str] = ()
    elsewhere: Sequence[str] = ()


_ALONE = Surroundings()


def check(text: str, around: Surroundings = _ALONE) -> Finding:
    """What is most important to know of a forward URL; spaces around it do not count."""
    return next(iter(findings(text, around)), Finding())


def findings(text: str, around: Surroundings = _ALONE) -> tuple[Finding, ...]:
    """All there is to say of a forward URL, the most important first; a mistake stands alone."""
    url = text.strip()
    if not url:
        return (Finding(usable=False),)
    if mistake := _mistake(url):
        return (mistake,)
    parts = urlsplit(url)
    host = parts.hostname or ""
    found = [
        *_deception(host, around),
        *_place(host, sandbox=around.sandbox),
        *_slips(url, parts),
        *_advice(parts),
        *_doubles(url, around),
    ]
    order = ("ok", "warning", "info")
    return tuple(sorted(found, key=lambda finding: order.index(finding.kind)))


def _wrong(sentence: str, better: str = "") -> Finding:
    return Finding("danger", sentence, usable=False, better=better)


def _warn(sentence: str, better: str = "") -> Finding:
    return Finding("warning", sentence, better=better)


def _mistake(url: str) -> Finding | None:
    """What keeps it from being a URL that one could post to."""
    if _UNSEEN.search(url):
        better = _UNSEEN.sub("", url)
        return _wrong("There is an invisible character in it, as copied text often has.", better)
    if url[0] in _WRAPS and not _SCHEME.match(url):
        better = url[1:].removesuffix(_WRAPS[url[0]])
        return _wrong("It is wrapped in quotation marks or brackets.", better)
    if _SPACE.search(url):
        return _wrong("A URL has no spaces; write one as %20.", _SPACE.sub("%20", url))
    if not _SCHEME.match(url):
        return _without_scheme(url)
    return _misbuilt(url)


def _without_scheme(url: str) -> Finding:
    """`example.com/in` lacks it; `https:/example.com` and `https:\\\\…` only nearly have it."""
    rest = re.sub(r"^[a-z]*:[/\\]*", "", url.replace("\\", "/"), flags=re.IGNORECASE)
    looks_whole = re.match(r"[\w-]+(\.[\w-]+)+([:/?]|$)", rest)
    return _wrong("Begin with https://.", f"https://{rest}" if looks_whole else "")


def _misbuilt(url: str) -> Finding | None:
    if twice := _TWICE.match(url):
        return _wrong("The scheme is written twice.", url[twice.end() :])
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return _wrong("The host or the port of this URL is not valid.")
    if parts.scheme not in ("https", "http"):
        return _wrong(f"The platform posts over http or https, not {parts.scheme}.")
    if port == 0:
        return _wrong("Port 0 is none that a server could have.")
    if not host:
        return _wrong("The host is missing.")
    return _misnamed(host)


def _misnamed(host: str) -> Finding | None:
    if is_address(host):
        return None
    labels = host.removesuffix(".").split(".")
    if "" in labels:
        return _wrong("There are two dots in a row in the host, or one in front.")
    if any(len(label) > 63 for label in labels) or len(host) > 253:
        return _wrong("The host, or a part of it, is longer than a name can be.")
    if re.search(r"[{}<>|\\^`\"*$%]", host):
        return _wrong("The host holds a placeholder or a character that no name can have.")
    return None


def _deception(host: str, around: Surroundings) -> Iterator[Finding]:
    """Whether the host may be taken for another one."""
    readable = decoded(host)
    if readable != host:
        yield _warn(
            f"People read this host as {escape_invisible(readable)}. Is that what you expect?"
        )
    label, alphabets = mixed(host)
    if label:
        yield _warn(
            f"The letters of “{escape_invisible(label)}” come from several alphabets"
            f" ({', '.join(alphabets)}), though they look alike: a name made to deceive does so."
        )
    if not host.isascii():
        sent = _as_sent(host)
        yield _warn(
            "The host has letters beyond a to z. How the platform writes them is not documented"
            + (f"; by the standard it is {sent}." if sent else ".")
        )
    known = [_host(url) for url in (*around.here, *around.elsewhere)]
    if host not in known and (other := looks_like(host, known)):
        yield _warn(
            f"This host is not {escape_invisible(other)}, which other actions forward to,"
            " but it looks much like it. Compare them letter by letter."
        )


def _place(host: str, *, sandbox: bool) -> Iterator[Finding]:
    """What there is to know of where it is."""
    local = is_loopback(host)
    if sandbox and local:
        yield Finding("ok", "The sandbox runs on this computer, so it reaches this address.")
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
    elif host.rstrip(".").endswith(_NOWHERE):
        yield _warn("Names that end so are reserved: no server on the internet has one.")


def _slips(url: str, parts: SplitResult) -> Iterator[Finding]:
    """What easily happens while one types or pastes."""
    if url[-1] in _ENDS:
        yield _warn(
            f"It ends with “{url[-1]}”, probably from the sentence that it was copied from.",
            url.rstrip(_ENDS),
        )
    if url[-1] in _WRAPS.values() and url[-1] not in ")]" and not _SPACE.search(url):
        yield _warn("It ends with a quotation mark or a bracket.", url[:-1])
    if "\\" in url:
        yield _warn("It has a backslash in it; URLs have slashes.", url.replace("\\", "/"))
    host = parts.hostname or ""
    if host.endswith(".") and url[-1] not in _ENDS:
        better = url.replace(f"{host}", host.rstrip("."), 1)
        yield _warn("The host ends with a dot, which not every server understands.", better)
    if _NUMBERS.fullmatch(host.rstrip(".").rpartition(".")[2]) and not is_address(host):
        yield _warn("The host is written in numbers, but not as an IP address usually is.")
    if "_" in host:
        yield _warn("Host names have no underscore; some programs refuse them.")


def _advice(parts: SplitResult) -> Iterator[Finding]:
    yield from _exposures(parts)
    host = (parts.hostname or "").rstrip(".")
    if _within(host, _TUNNELS):
        yield Finding(
            "info",
            "This is a tunnel. Many get another address whenever they are started again, and"
            " messages then go astray: replace the action, or use a fixed address.",
        )
    if _within(host, _PUBLIC_BINS):
        yield _warn(
            "This is a public page for looking at requests: everybody who has the address can"
            " read what arrives, your customers' messages included."
        )
    if parts.path in {"", "/"} and not parts.query:
        yield Finding(
            "info",
            "There is no path. Forwards carry no signature, so a path that nobody can guess is"
            " what keeps strangers from posting here.",
        )


def _exposures(parts: SplitResult) -> Iterator[Finding]:
    if parts.username is not None:
        yield _warn(
            "Whether the platform sends a user name and password is not documented, and everybody"
            " who may list the actions can read them."
        )
    if parts.fragment:
        yield _warn(
            "What follows # is never sent to a server.", parts._replace(fragment="").geturl()
        )
    if parts.scheme == "http" and parts.port == 443:
        yield _warn("Port 443 is that of https.", parts._replace(scheme="https").geturl())
    elif parts.scheme == "https" and parts.port == 80:
        yield _warn("Port 80 is usually that of http, where no https answers.")
    elif parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        better = "" if parts.port else parts._replace(scheme="https").geturl()
        yield _warn("Messages would travel unencrypted: prefer https.", better)


def _doubles(url: str, around: Surroundings) -> Iterator[Finding]:
    if url in around.here:
        yield _warn(
            "An action of this configuration forwards there already. Whether every message would"
            " be posted twice is not documented."
        )


def _as_sent(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _within(host: str, domains: Sequence[str]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
