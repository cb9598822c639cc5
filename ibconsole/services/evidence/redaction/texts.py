"""Redaction of text, URLs and headers, and the record of all that was replaced.

Known secrets are masked in the spellings that programs use, and everything else that looks like
a secret. What is found in another spelling afterwards is masked as a whole.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from types import MappingProxyType
from urllib.parse import quote, quote_plus, unquote

from msgspec.structs import replace

from ibconsole.secret import MASK, Secret
from ibconsole.services.evidence.redaction.known_secrets import (
    SHORTEST,
    KnownSecret,
    KnownSecrets,
    needles,
)
from ibconsole.services.evidence.redaction.rules import (
    Pseudonyms,
    RedactionRules,
    Replacement,
    ReplacementKind,
)
from ibconsole.services.evidence.redaction.scanning import Scanner
from ibconsole.services.request_log import is_secret_header, redact_headers, redact_url

_SHORTEST_CODE = 64  # characters of what `_CODE` finds
_SHORT, _MOST_CLEAN = 64, 20_000
_FOLDED = 12  # characters: a shorter secret is masked in its own case only
# Codes, and other identifiers, that each output is searched for; the final scan has all codes.
_MOST_GUARDED = 50
_MIN_UNIQUE = 12  # characters: a shorter identifier occurs elsewhere by chance
_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>\\|`{}^]+", re.IGNORECASE)
# As codes and installations are: a message that names a word of the format as its sender or its
# application must not keep everything from being exported.
_GUARDED = re.compile(r"(?=.*[A-Za-z])(?:.*[0-9]){4}", re.DOTALL)
_BLANK = re.compile(r"\s")
_LOWER = {letter: letter + 32 for letter in range(ord("A"), ord("Z") + 1)}
_CODE = re.compile(r"\b[0-9a-f]{32}-[0-9a-z]{8}-[0-9a-z-]{22,27}\b", re.IGNORECASE)
# Credentials by their form; what precedes them stays.
_FORMS = (
    re.compile(r"\b((?:App|Basic|Bearer|IBSSO|Digest) +)(?=[\w.~+/=:-]*\d)[\w.~+/=:-]{12,}"),
    re.compile(r"()(?<![\w-])eyJ[\w-]{8,}+\.[\w-]{8,}+(?:\.[\w-]*+)?"),  # a JSON Web Token
    re.compile(
        r"(?i)\b((?:client_secret|access_token|refresh_token|api_?key|passw(?:or)?d)"
        r"\"? ?[:=] ?\"?)(?!•)[^\s\"'&,;<>]{3,}"
    ),
)
_PUNCTUATION = ".,;:!?)]"  # behind a URL in a text
_PARTS = re.compile(
    r"(?P<origin>(?:[a-z][a-z0-9+.-]*:)?//[^/?#]*)?(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?P<rest>#.*)?",
    re.IGNORECASE | re.DOTALL,
)
_TOKEN = re.compile(r"(?=[^/]*[A-Za-z])(?=[^/]*\d)[\w.~+=%-]{16,}|[\w~+=%-]{24,}", re.ASCII)
_LISTENER = "inbound"
_AUTHENTICATION = re.compile(r"(?i)auth|session|credential|jwt|hmac|signature")
_CHALLENGES = frozenset({"www-authenticate", "proxy-authenticate", "x-authentication-warning"})
_SENSITIVE = re.compile(r"(?i)^(?:key|sig|auth|pwd|jwt|session|sid)$")
_PERSONAL = frozenset({ReplacementKind.INSTALLATION, ReplacementKind.SUBSCRIBER})
_IDENTIFIERS = {
    "applicationcode": ReplacementKind.APPLICATION,
    "appcode": ReplacementKind.APPLICATION,
    "pushregistrationid": ReplacementKind.INSTALLATION,
    "pushregid": ReplacementKind.INSTALLATION,
    "registrationid": ReplacementKind.INSTALLATION,
    "installationid": ReplacementKind.INSTALLATION,
    "subscriberid": ReplacementKind.SUBSCRIBER,
    "externaluserid": ReplacementKind.SUBSCRIBER,
}


def identifier_kind(name: str) -> ReplacementKind | None:
    """Return what a member or parameter of this name identifies, None if nothing."""
    return _IDENTIFIERS.get(name.replace("_", "").replace("-", "").lower())


def is_sensitive(name: str) -> bool:
    """Return whether a header, parameter or member of this name carries a credential."""
    if name.lower() in _CHALLENGES:
        return False
    return bool(is_secret_header(name) or _SENSITIVE.search(name))


class TextRedaction:
    """Redacts texts, and records what it replaced."""

    def __init__(
        self, secrets: KnownSecrets, rules: RedactionRules, pseudonyms: Pseudonyms
    ) -> None:
        self.rules = rules
        self._secrets = secrets
        self._pseudonyms = pseudonyms
        self._spelled = _pattern_of(secrets)
        spellings = {form for one in secrets.searchable for form in _spellings(one.secret.reveal())}
        self._lowered = sorted({form.lower() for form in spellings if form.isascii()})
        self._learned: dict[str, ReplacementKind] = {}
        self._guarded_codes = 0
        self._guarded_others: list[str] = []
        # Texts in which nothing is to be replaced: names of members recur in each object.
        self._clean: set[str] = set()
        self._spellings = _Spellings()
        self._scanner: Scanner | None = None
        self._replaced: dict[tuple[str, ReplacementKind, str], Replacement] = {}

    @property
    def replacements(self) -> Sequence[Replacement]:
        """All replacements, in the order of their first occurrence."""
        return list(self._replaced.values())

    @property
    def learned(self) -> Mapping[str, ReplacementKind]:
        """The identifiers that are replaced wherever they occur, by kind."""
        return MappingProxyType(self._learned)

    @property
    def guarded(self) -> KnownSecrets:
        """The secrets, and the codes that became pseudonyms: what a scan must not find."""
        return self._guarding(self._codes())

    def learn(self, kind: ReplacementKind, *values: str) -> None:
        """Replace these identifiers wherever they occur, unless they are shorter than 12."""
        for value in values:
            if len(value) >= _MIN_UNIQUE and value not in self._learned:
                self._learned[value] = kind
                self._spellings.add(value)
                self._clean.clear()
                if not _GUARDED.match(value):
                    continue
                if kind is ReplacementKind.APPLICATION and self._guarded_codes < _MOST_GUARDED:
                    self._guarded_codes += 1
                    self._scanner = None
                elif kind in _PERSONAL and len(self._guarded_others) < _MOST_GUARDED:
                    self._guarded_others.append(value)
                    self._scanner = None

    def record(self, place: str, kind: ReplacementKind, token: str, count: int = 1) -> None:
        """Record a replacement; those of the same kind in one place are counted together."""
        key = (place, kind, token)
        before = self._replaced.get(key)
        self._replaced[key] = (
            replace(before, count=before.count + count)
            if before
            else Replacement(place=place, kind=kind, token=token, count=count)
        )

    def pseudonym(self, kind: ReplacementKind, value: str, place: str) -> str:
        """Return the pseudonym of an identifier, which is replaced everywhere from now on."""
        self.learn(kind, value)
        token = self._pseudonyms.token(kind, value)
        self.record(place, kind, token)
        return token

    def mask(self, kind: ReplacementKind, place: str) -> str:
        """Return the mask, and record it."""
        self.record(place, kind, MASK)
        return MASK

    def leaks(self, data: bytes) -> bool:
        """Return whether a secret, or what became a pseudonym, can be found in the data."""
        if self._scanner is None:
            wanted = (*islice(self._codes(), _MOST_GUARDED), *self._guarded_others)
            self._scanner = Scanner(needles(self._guarding(wanted)))
        return len(data) >= SHORTEST and bool(self._scanner.scan_bytes(data))

    def _codes(self) -> Iterator[str]:
        for value, kind in self._learned.items():
            if kind is ReplacementKind.APPLICATION and _GUARDED.match(value):
                yield value

    def _guarding(self, identifiers: Iterable[str]) -> KnownSecrets:
        """Return the secrets and these identifiers, by the names of their kinds."""
        tokens = ((one, self._learned[one]) for one in identifiers)
        return self._secrets.joined_with(
            KnownSecrets(
                secrets=tuple(
                    KnownSecret(f"{kind} of {self._pseudonyms.token(kind, one)}", Secret(one))
                    for one, kind in tokens
                )
            )
        )

    def text(self, text: str, place: str) -> str:
        """Redact a text with everything in it that looks like a URL, a code or a credential."""
        if not text or text in self._clean:
            return text
        original, text = text, self.secrets(text, place)
        if "://" in text:
            text = _URL.sub(lambda found: self._url_in_text(found[0], place), text)
        if len(text) >= _SHORTEST_CODE:
            text = _CODE.sub(
                lambda found: self.pseudonym(ReplacementKind.APPLICATION, found[0], place), text
            )
        for form in _FORMS:
            text = form.sub(lambda found: self._credential(found, place), text)
        text = self.identifiers(text, place)
        if text == original and len(text) < _SHORT and len(self._clean) < _MOST_CLEAN:
            self._clean.add(text)
        return text

    def url(self, url: str, place: str) -> str:
        """Redact a URL, or the target of a request: user info, parameters, codes and tokens."""
        return self.identifiers(self._parts(self.secrets(url, place), place), place)

    def headers(
        self, headers: Iterable[tuple[str, str]], place: str
    ) -> tuple[tuple[str, str], ...]:
        """Redact the values of headers; those that carry credentials or cookies are masked."""
        return tuple(
            (self.identifiers(name, place), self._header(name, value, place))
            for name, value in headers
        )

    def secrets(self, text: str, place: str) -> str:
        """Mask the known secrets in a text, as they are and as programs spell them."""
        if not self._spelled:
            return text
        # Hardly any text has one: these tests take a tenth of the time.
        if text.isascii():
            lowered = text.lower()
            if not any(form in lowered for form in self._lowered):
                return text
        return self._spelled.sub(lambda _: self.mask(ReplacementKind.SECRET, place), text)

    def identifiers(self, text: str, place: str) -> str:
        """Replace the identifiers that were learned."""
        parts: list[str] = []
        behind = 0
        for start, end, value in self._spellings.find(text):
            token = self.pseudonym(self._learned[value], value, place)
            parts += (text[behind:start], token)
            behind = end
        return "".join((*parts, text[behind:]))

    def _credential(self, found: re.Match[str], place: str) -> str:
        return f"{found[1]}{self.mask(ReplacementKind.CREDENTIAL, place)}"

    def _url_in_text(self, found: str, place: str) -> str:
        url = found.rstrip(_PUNCTUATION)
        return f"{self._parts(url, place)}{found[len(url) :]}"

    def _header(self, name: str, value: str, place: str) -> str:
        at = f"{place} {name}".strip()
        if name.lower() in _CHALLENGES:
            return self.text(value, at)
        if not is_sensitive(name) and not _AUTHENTICATION.search(name):
            if kind := identifier_kind(name.removeprefix("X-").removeprefix("x-")):
                return self.pseudonym(kind, value, at) if value else value
            return self.text(value, at)
        if not value:
            return value
        [(_, masked)] = redact_headers([(name, value)])
        self.record(at, ReplacementKind.CREDENTIAL, MASK)
        return masked if masked != value else MASK

    def _parts(self, url: str, place: str) -> str:
        """Redact the parts of a URL in which the known secrets are masked already."""
        masked = redact_url(url)
        if count := masked.count(MASK) - url.count(MASK):
            self.record(place, ReplacementKind.URL_SECRET, MASK, max(count, 1))
        found = _PARTS.fullmatch(masked)
        if not found:
            return masked
        origin, path, query, rest = (found[name] or "" for name in _PARTS.groupindex)
        path = self._path(path, place)
        return f"{origin}{path}{self._query(query, place)}{self._query(rest, place)}"

    def _path(self, path: str, place: str) -> str:
        segments = path.split("/")
        for at, segment in enumerate(segments):
            before = segments[at - 1] if at else ""
            if not segment or segment.startswith(MASK):
                continue
            if before == "applications":
                code = unquote(segment)
                segments[at] = self.pseudonym(ReplacementKind.APPLICATION, code, place)
            elif before == _LISTENER or self._is_token(segment):
                segments[at] = self.mask(ReplacementKind.URL_SECRET, place)
        return "/".join(segments)

    def _query(self, query: str, place: str) -> str:
        if len(query) < 2:
            return query
        fields = (self._field(field, place) for field in query[1:].split("&"))
        return query[0] + "&".join(fields)

    def _field(self, field: str, place: str) -> str:
        name, equals, value = field.partition("=")
        if not value or value.startswith(MASK):
            return self.mask(ReplacementKind.URL_SECRET, place) if self._is_token(name) else field
        if kind := identifier_kind(name):
            return f"{name}={self.pseudonym(kind, unquote(value), place)}"
        if is_sensitive(name) or self._is_token(value):
            return f"{name}{equals}{self.mask(ReplacementKind.URL_SECRET, place)}"
        return field

    def _is_token(self, text: str) -> bool:
        """Return whether a part of a URL looks like a secret, and is no known identifier."""
        return bool(_TOKEN.fullmatch(text)) and unquote(text) not in self._learned


class _Spellings:
    """Identifiers and their percent-encoded forms, found in a text however many there are.

    The case of letters of ASCII counts only between two identifiers that differ in it alone.
    """

    def __init__(self) -> None:
        # By the first characters, which are looked up at each place of a text, and by length.
        self._by_start: dict[str, dict[int, dict[str, str]]] = {}
        self._words = re.compile(r"\S{12,}")

    def add(self, value: str) -> None:
        if _BLANK.search(value[:_MIN_UNIQUE]):
            self._words = re.compile(r"(?s).{12,}")
        for form in (value, quote(value, safe="", errors="replace")):
            folded = _folded(form)
            forms = self._by_start.setdefault(folded[:_MIN_UNIQUE], {}).setdefault(len(form), {})
            forms[form] = value
            forms.setdefault(folded, value)

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield start, end and the identifier for each place, in their order."""
        if not self._by_start:
            return
        end = 0
        folded = _folded(text)
        for word in self._words.finditer(text):
            for start in range(word.start(), word.end() - _MIN_UNIQUE + 1):
                by_length = self._by_start.get(folded[start : start + _MIN_UNIQUE])
                if not by_length or start < end:
                    continue
                for length in sorted(by_length, reverse=True):
                    forms, stop = by_length[length], start + length
                    value = forms.get(text[start:stop]) or forms.get(folded[start:stop])
                    if value is not None:
                        end = start + length
                        yield start, end, value
                        break


def _folded(text: str) -> str:
    """Return a text with letters of ASCII in lower case, of the same length."""
    return text.lower() if text.isascii() else text.translate(_LOWER)


def secret_parts(url: str) -> Iterator[str]:
    """Yield what keeps others out of a URL: passwords and tokens in it, as they are written."""
    found = _PARTS.fullmatch(url)
    origin, path, query, rest = (
        (found[name] or "" for name in _PARTS.groupindex) if found else ("",) * 4
    )
    if "@" in origin:
        user, _, password = origin.rpartition("@")[0].rpartition("/")[2].partition(":")
        yield password or user
    for before, segment in pairwise(path.split("/")):
        if before != "applications" and (before == _LISTENER or _TOKEN.fullmatch(segment)):
            yield segment
    for field in f"{query[1:]}&{rest[1:]}".split("&"):
        name, equals, value = field.partition("=")
        if not equals and _TOKEN.fullmatch(name):
            yield name
        elif not identifier_kind(name) and (is_sensitive(name) or _TOKEN.fullmatch(value)):
            yield value


def _pattern_of(secrets: KnownSecrets) -> re.Pattern[str] | None:
    exact: set[str] = set()
    folded: set[str] = set()
    for known in secrets.searchable:
        value = known.secret.reveal()
        (folded if len(value) >= _FOLDED else exact).update(_spellings(value))
    if not exact and not folded:
        return None
    return re.compile(f"(?:{_any_of(exact).pattern})|(?i:{_any_of(folded).pattern})")


def _spellings(value: str) -> Iterable[str]:
    yield value
    yield quote(value, safe="", errors="replace")
    yield quote(value, errors="replace")
    yield quote_plus(value, errors="replace")
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield html.escape(value)


def _any_of(texts: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern for these texts, the longest first; for nothing if there are none."""
    ordered = sorted(filter(None, texts), key=lambda text: (-len(text), text))
    return re.compile("|".join(map(re.escape, ordered)) or r"(?!)")
