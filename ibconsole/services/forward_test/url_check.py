"""Remarks on a forward URL as it is being typed: could the platform post messages to it?

A mistake that prevents any request makes the URL unusable. Everything else is explained as a
warning, because what the platform accepts is not documented.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import SplitResult, urlsplit

from ibconsole.errors import Severity
from ibconsole.hosts import Network, host_of, is_address, is_loopback, network_of
from ibconsole.services.forward_test.homoglyphs import (
    decode_host,
    find_lookalike,
    find_mixed_label,
)
from ibconsole.services.forward_test.url_remark import (
    UrlContext,
    UrlFault,
    UrlRemark,
    mistake,
    note,
    secret_names,
    warning,
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
    "devtunnels.ms",
    "localtunnel.me",
    "bore.pub",
    "zrok.io",
    "ts.net",
    "playit.gg",
    "localto.net",
    "expose.dev",
    "sharedwithexpose.com",
    "webhookrelay.com",
    "smee.io",
    "hookdeck.events",
)
_PUBLIC_BINS = (
    "webhook.site",
    "requestbin.com",
    "requestbin.net",
    "requestcatcher.com",
    "pipedream.net",
    "beeceptor.com",
    "hookbin.com",
    "postb.in",
    "ptsv3.com",
    "typedwebhook.tools",
    "webhook.cool",
    "webhook-test.com",
    "play.svix.com",
    "httpbin.org",
    "mockbin.org",
    "httpdump.app",
    "mocky.io",
)
_RESERVED = (".test", ".example", ".invalid", ".onion")
_LONGEST = 512  # characters that the sibling `notifyUrl` holds at most (platform.md §9)
_USUAL_PORTS = {None, 80, 443, 8080, 8443}
_STAGING = re.compile(
    r"(?:^|[.-])(?:stag(?:e|ing)?|stg|test(?:ing)?|dev(?:el(?:opment)?)?|qa|uat|sandbox|preprod"
    r"|pre-prod|demo|sit|int)(?:[0-9]*)(?=[.-])",
    re.IGNORECASE,
)
_OTHER_NETWORKS = {
    Network.LINK_LOCAL: "a link-local address, which is valid in one network segment only",
    Network.METADATA: "a metadata address, which clouds offer to their own machines only",
    Network.SHARED: "an address of carrier-grade NAT, which the internet does not reach",
    Network.RESERVED: "a reserved address, at which there is no server on the internet",
}


_NO_CONTEXT = UrlContext()


def url_remarks(text: str, context: UrlContext = _NO_CONTEXT) -> tuple[UrlRemark, ...]:
    """Return all remarks on a forward URL, the most important first; a mistake stands alone.

    Spaces around the URL are ignored. An empty text has one remark: not usable.
    """
    url = text.strip()
    if not url:
        return (UrlRemark(usable=False),)
    if wrong := _find_mistake(url):
        return (wrong,)
    parts = urlsplit(url)
    host = parts.hostname or ""
    remarks = [
        *_deception(host, context),
        *_location(host, sandbox=context.sandbox),
        *_typing_errors(url, parts),
        *_advice(parts, context),
        *_duplicates(url, context),
    ]
    order = (Severity.OK, Severity.WARNING, Severity.INFO)
    return tuple(sorted(remarks, key=lambda remark: order.index(remark.severity or Severity.INFO)))


def _find_mistake(url: str) -> UrlRemark | None:
    """Return the remark on a mistake that prevents any request; None if there is none."""
    if _INVISIBLE.search(url):
        visible = _INVISIBLE.sub("", url)
        return mistake(
            "There is an invisible character in it, as copied text often has.",
            visible,
            UrlFault.SPACE,
        )
    if url[0] in _BRACKETS and not _SCHEME.match(url):
        unwrapped = url[1:].removesuffix(_BRACKETS[url[0]])
        return mistake("It is wrapped in quotation marks or brackets.", unwrapped)
    if _SPACE.search(url):
        return mistake(
            "A URL has no spaces; write one as %20.", _SPACE.sub("%20", url), UrlFault.SPACE
        )
    if not _SCHEME.match(url):
        return _missing_scheme(url)
    return _malformed(url)


def _missing_scheme(url: str) -> UrlRemark:
    """Complete `example.com/in`, and `https:/example.com` or `https:\\\\…`, with a scheme."""
    rest = re.sub(r"^[a-z]*:[/\\]*", "", url.replace("\\", "/"), flags=re.IGNORECASE)
    has_domain = re.match(r"[\w-]+(\.[\w-]+)+([:/?]|$)", rest)
    return mistake("Begin with https://.", f"https://{rest}" if has_domain else "")


def _malformed(url: str) -> UrlRemark | None:
    if twice := _SCHEME_TWICE.match(url):
        return mistake("The scheme is written twice.", url[twice.end() :])
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return mistake("The host or the port of this URL is not valid.")
    if parts.scheme not in ("https", "http"):
        return mistake(f"The platform posts over http or https, not {parts.scheme}.")
    if port == 0:
        return mistake("Port 0 cannot be used by any server.")
    if not host:
        return mistake("The host is missing.")
    return _invalid_host(host)


def _invalid_host(host: str) -> UrlRemark | None:
    if is_address(host):
        return None
    labels = host.removesuffix(".").split(".")
    if "" in labels:
        return mistake("There are two dots in a row in the host, or one in front.")
    if any(len(label) > 63 for label in labels) or len(host) > 253:
        return mistake("The host, or a part of it, is longer than a name can be.")
    if re.search(r"[{}<>|\\^`\"*$%]", host):
        return mistake("The host contains a placeholder or a character that no name can have.")
    return None


def _deception(host: str, context: UrlContext) -> Iterator[UrlRemark]:
    """Warn of a host that may be mistaken for another one."""
    readable = decode_host(host)
    if readable != host:
        yield warning(
            UrlFault.NOT_ASCII,
            f"People read this host as {escape_invisible(readable)}. Is that what you expect?",
        )
    label, alphabets = find_mixed_label(host)
    if label:
        yield warning(
            UrlFault.HOMOGLYPH,
            f"The letters of “{escape_invisible(label)}” come from several alphabets"
            f" ({', '.join(alphabets)}), though they look alike. Deceptive names do this.",
        )
    if not host.isascii():
        encoded = _idna(host)
        yield warning(
            UrlFault.NOT_ASCII,
            "The host has letters beyond a to z. How the platform encodes them is not documented"
            + (f"; by the standard it is {encoded}." if encoded else "."),
        )
    known = [host_of(url) for url in (*context.same_configuration, *context.other_configurations)]
    if host not in known and (other := find_lookalike(host, known)):
        yield warning(
            UrlFault.LOOKALIKE,
            f"This host is not {escape_invisible(other)}, which other actions forward to,"
            " but it looks much like it. Compare them letter by letter.",
        )


def _location(host: str, *, sandbox: bool) -> Iterator[UrlRemark]:
    """Remark on whether the platform reaches the host."""
    network = network_of(host)
    local = network is Network.LOOPBACK
    if sandbox and local:
        sentence = "The sandbox runs on this computer, so it reaches this address."
        yield UrlRemark(Severity.OK, sentence)
    elif sandbox:
        yield warning(
            UrlFault.SANDBOX, "The sandbox forwards to this computer only, not to this host."
        )
    elif local:
        yield warning(
            UrlFault.LOOPBACK,
            "To the platform this is its own computer, not yours. Use a public address, such as"
            " that of a tunnel which ends here.",
        )
    elif network in {Network.PRIVATE, Network.LOCAL_NAME}:
        yield warning(
            UrlFault.PRIVATE if network is Network.PRIVATE else UrlFault.LOCAL_NAME,
            "This belongs to a private network, and the platform calls from the internet. Use a"
            " public address, such as that of a tunnel which ends here.",
        )
    elif network in _OTHER_NETWORKS:
        yield warning(
            UrlFault[network.name],
            f"This is {_OTHER_NETWORKS[network]}. The platform calls from the internet: use a"
            " public address, such as that of a tunnel which ends here.",
        )
    elif host.rstrip(".").endswith(_RESERVED):
        yield warning(
            UrlFault.RESERVED,
            "Names with this ending are reserved: no server on the internet has one.",
        )


def _typing_errors(url: str, parts: SplitResult) -> Iterator[UrlRemark]:
    """Warn of what typing and pasting often add."""
    if url[-1] in _PUNCTUATION:
        yield warning(
            UrlFault.TYPING,
            f"It ends with “{url[-1]}”, probably from the sentence that it was copied from.",
            url.rstrip(_PUNCTUATION),
        )
    if url[-1] in _BRACKETS.values() and url[-1] not in ")]" and not _SPACE.search(url):
        yield warning(UrlFault.TYPING, "It ends with a quotation mark or a bracket.", url[:-1])
    if "\\" in url:
        yield warning(
            UrlFault.TYPING, "It has a backslash in it; URLs have slashes.", url.replace("\\", "/")
        )
    host = parts.hostname or ""
    if host.endswith(".") and url[-1] not in _PUNCTUATION:
        correction = url.replace(f"{host}", host.rstrip("."), 1)
        yield warning(
            UrlFault.HOST_SPELLING,
            "The host ends with a dot, which not every server accepts.",
            correction,
        )
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) and not is_address(host):
        yield warning(
            UrlFault.HOST_SPELLING,
            "The host is written in numbers, but not as an IP address usually is.",
        )
    if "_" in host:
        yield warning(
            UrlFault.HOST_SPELLING, "Host names have no underscore; some programs refuse them."
        )


def _advice(parts: SplitResult, context: UrlContext) -> Iterator[UrlRemark]:
    yield from _exposures(parts)
    yield from _limits(parts)
    host = (parts.hostname or "").rstrip(".")
    if context.production and (found := _STAGING.search(host)):
        yield warning(
            UrlFault.STAGING,
            f"The host looks like one for tests (“{found[0].strip('.-')}”), and this account is in"
            " productive use.",
        )
    if _within(host, _TUNNELS):
        yield note(
            UrlFault.TUNNEL,
            "This is a tunnel. Many get a new address at every start, and messages to the old one"
            " are then lost: replace the action each time, or use a fixed address.",
        )
    if _within(host, _PUBLIC_BINS):
        yield warning(
            UrlFault.PUBLIC_BIN,
            "This is a public page for looking at requests: everybody who has the address can"
            " read what arrives, including your customers' messages.",
        )
    if parts.path in {"", "/"} and not parts.query:
        yield note(
            UrlFault.NO_PATH,
            "There is no path. Forwards carry no signature, so only a path that cannot be guessed"
            " keeps others from posting here.",
        )


def _limits(parts: SplitResult) -> Iterator[UrlRemark]:
    """Remark on lengths, ports and addresses that often cause trouble."""
    length = len(parts.geturl())
    if length > _LONGEST:
        yield warning(
            UrlFault.LENGTH,
            f"It has {length} characters. The limit for forward URLs is not documented; a sibling"
            f" field of the platform holds {_LONGEST}.",
        )
    if parts.port not in _USUAL_PORTS and not is_loopback(parts.hostname or ""):
        yield note(
            UrlFault.PORT,
            f"Port {parts.port} is unusual for webhooks. Whether the platform connects to every"
            " port is not documented, and firewalls often open 443 only.",
        )
    if is_address(parts.hostname or "") and network_of(parts.hostname or "") is Network.PUBLIC:
        yield note(
            UrlFault.ADDRESS,
            "The host is an IP address: certificates for addresses are rare, and the action has to"
            " be replaced when the server moves. Prefer a name.",
        )


def _exposures(parts: SplitResult) -> Iterator[UrlRemark]:
    if names := secret_names(parts.query):
        yield warning(
            UrlFault.TOKEN,
            f"It carries a secret in “{escape_invisible(names[0])}”: everybody who may list the"
            " actions can read it, and servers write URLs to their logs.",
        )
    if parts.username is not None:
        yield warning(
            UrlFault.USER_INFO,
            "Whether the platform sends a user name and password is not documented, and everybody"
            " who may list the actions can read them.",
        )
    if parts.fragment:
        yield warning(
            UrlFault.FRAGMENT,
            "The part after # is never sent to a server.",
            _url(parts, fragment=""),
        )
    if parts.scheme == "http" and parts.port == 443:
        yield warning(
            UrlFault.SCHEME_PORT, "Port 443 is that of https.", _url(parts, scheme="https")
        )
    elif parts.scheme == "https" and parts.port == 80:
        yield warning(
            UrlFault.SCHEME_PORT, "Port 80 is usually that of http, where https is not answered."
        )
    elif parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        correction = "" if parts.port else _url(parts, scheme="https")
        yield warning(
            UrlFault.PLAIN_HTTP, "Messages would travel unencrypted: prefer https.", correction
        )


def _duplicates(url: str, context: UrlContext) -> Iterator[UrlRemark]:
    if url in context.same_configuration:
        yield warning(
            UrlFault.DUPLICATE,
            "An action of this configuration forwards there already. Whether every message would"
            " be posted twice is not documented.",
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
