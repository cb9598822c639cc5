"""Rules of firewalls and web servers, read for one question: which sources may connect?

Any form is read: lists with commas, blanks or line breaks; nginx, Apache and HAProxy; iptables,
nftables, ufw, firewalld; Cisco and other routers; JSON of AWS, Azure and Google Cloud; Terraform
and YAML. Rules keep their order, the first one about an address decides. Destinations, outbound
rules, comments, and rules for ports of other services do not count.
"""

import re
from collections.abc import Callable, Iterator, Mapping

import msgspec

from ibconsole.services.allow_list.address_entries import (
    EVERY,
    Interval,
    find_intervals,
    partial_interval,
)

_DENY_WORDS = r"deny|denied|drop|dropped|reject|rejected|block|blocked|refuse|forbid"
_DENY = re.compile(rf"(?i)(?<![\w-])(?:{_DENY_WORDS})(?![\w-])")
_NEGATED = re.compile(
    r"(?i)!\s*\{|(?<!\S)!\s*(?:-s|--src|--source|saddr|src)\b|\bunless\b|saddr\s*!="
)
_NOT_IP = re.compile(r"(?i)\brequire\s+not\s+ip\b")
_EVERYONE = re.compile(
    r"(?i)\b(?:allow|permit|accept|pass(?:\s+in)?|from|src|source(?:-address)?)\s+(?:from\s+)?(?:any|all)\b"
    r"|\brequire\s+all\s+granted\b"
)
_DEFAULT = re.compile(
    r"(?i)\b(?:deny\s+from|block\s+in|default\s+deny)\b.*\ball\b|\brequire\s+all\s+denied\b"
)
_DENY_EVERYONE = re.compile(rf"(?i)\b(?:{_DENY_WORDS})\s+(?:from\s+)?(?:any|all)\b")
_PARTIAL = re.compile(r"(?i)^\s*(?:require\s+(?:not\s+)?ip|allow\s+from|deny\s+from)\s+(.*)")
_DESTINATION = re.compile(
    r"(?i)(?<!\S)(?:-d|--destination|--dst|--dst-range|daddr|dst|destination(?:[-_ ]address)?)"
    r"[\s=]+[!\"']*\s*(?:\{[^}]*\}|\S+)"
)
_TO = re.compile(rf"(?i)^(.*?\b(?:allow|pass|accept|permit|{_DENY_WORDS})\b.*\bfrom\b.*?)\bto\b.*$")
_ROUTER = re.compile(
    r"(?i)^.*?\b(permit|deny)\s+(?:ip|ipv4|tcp|udp|icmp|\d+)\s+"
    r"(?:host\s+)?(any4?|\S+(?:\s+\d+\.\d+\.\d+\.\d+)?)(?:\s.*)?$"
)
_OUTBOUND = re.compile(
    r"(?i)(?:-A|--append|-I|--insert)\s+OUTPUT\b|\b(?:egress|outbound|pass\s+out)\b"
)
_OUTBOUND_BLOCK = re.compile(r"(?i)^\s*[-\"']?\w*(?:egress|outbound)\w*[\"']?\s*[=:]?\s*[\[{]?\s*$")
_PORTS = re.compile(
    r"(?i)(?:--dports?|\bdport|\bport|\beq|_port|\bports)[\s=:\"'\[{]+(\d+(?:[,:\s-]+\d+)*)"
)
# Ports on which no web server is expected; a rule about them says nothing of forwards.
_OTHER_SERVICES = {21, 22, 23, 25, 53, 110, 123, 143, 161, 389, 445, 465, 587, 636, 993, 995,
                   1433, 1521, 3306, 3389, 5432, 6379, 27017}  # fmt: skip
_LOCAL = re.compile(r"(?i)-i\s+lo\b|\bctstate\b|--state\b|\bestablished\b")
_OPEN_PORT = re.compile(
    r"(?i)^(?=.*(?:-A|-I)\s+INPUT\b)(?=.*--dports?\s+\S*\b(?:80|443)\b)(?=.*-j\s+ACCEPT)(?!.*(?:-s|--source|--src|--src-range|-set)\b)"
    r"|^\s*(?:sudo\s+)?ufw\s+allow\s+(?:80|443|https?|'?nginx|'?apache)"
    r"|^(?!.*saddr).*\btcp\s+dport\s+(?:\{[^}]*\b)?(?:80|443)\b.*\baccept\b"
)
# Nothing but addresses, as in a list: most lines of long ones.
_ADDRESSES = re.compile(r"[\d./,\s]*")
_COMMENT_MARKS = (("<!--", "-->"), ("/*", "*/"))
_COMMENT = re.compile(
    r"""(?i)(?:^|(?<=\s))(?:\#|//).*$|^\s*(?:!|--\s).*$|^.*\bremark\b.*$"""
    r"""|(?:--comment|\bcomment|\bdescription)[\s=:]+(?:"[^"]*"|'[^']*'|(?!--)\S+)"""
)
_REST_IS_COMMENT = re.compile(r"(?:^|(?<=\s))(?:#|//)")
_BOUND = re.compile(r"(?i)\b(start|end)-?_?(?:ip|address)\w*\b\D{0,5}([\d.]+)")
_SOURCES_ONLY = re.compile(r"(?i)description|destination|comment|name|note|tag|(?<![a-z])id$|dest")
_LARGEST_DEPTH = 60
_LONGEST_RULE = 2_000  # characters; what is longer is a plain list


class UnreadEntry(msgspec.Struct, frozen=True):
    """A text that looks like an address and cannot be read; `line` counts from 1, 0 in JSON."""

    line: int
    text: str


class Rule(msgspec.Struct, frozen=True):
    """Addresses that are allowed or denied; `line` counts from 1, 0 in JSON."""

    allows: bool
    addresses: Interval
    line: int = 0


class Rules(msgspec.Struct, frozen=True):
    """The rules in their order, the entries that were not understood, and notes in sentences."""

    rules: tuple[Rule, ...]
    unread: tuple[UnreadEntry, ...] = ()
    notes: tuple[str, ...] = ()


class ReadingCancelled(Exception):
    """The user wants the rules no longer."""


def never_cancelled() -> bool:
    """Return false."""
    return False


def read_rules(text: str, is_cancelled: Callable[[], bool] = never_cancelled) -> Rules:
    """Read rules of any form. Raises ReadingCancelled, and nothing else."""
    try:
        document = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        document = None
    if isinstance(document, Mapping | list):
        return _JsonReader(is_cancelled).read(document)
    return _LineReader(is_cancelled).read(text)


class _Collector:
    """The rules and remarks that were found until now."""

    def __init__(self, is_cancelled: Callable[[], bool]) -> None:
        self.rules: list[Rule] = []
        self.unread: list[UnreadEntry] = []
        self.notes: list[str] = []
        self._is_cancelled = is_cancelled

    def add(self, line: int, text: str, *, allows: bool) -> None:
        if self._is_cancelled():
            raise ReadingCancelled
        for entry in find_intervals(text):
            if isinstance(entry, str):
                self.unread.append(UnreadEntry(line, entry))
            else:
                self.rules.append(Rule(allows, entry, line))

    def add_everyone(self, line: int, text: str, *, allows: bool) -> None:
        self.rules.append(Rule(allows, Interval(*EVERY, text.strip()[:80]), line))

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    def result(self) -> Rules:
        return Rules(tuple(self.rules), tuple(self.unread), tuple(self.notes))


class _LineReader(_Collector):
    """Reads rules line by line."""

    def __init__(self, is_cancelled: Callable[[], bool]) -> None:
        super().__init__(is_cancelled)
        self._skipped_indent: int | None = None
        self._start = ""

    def read(self, text: str) -> Rules:
        for number, line in enumerate(_blank_comments(text).splitlines(), 1):
            if len(line) > _LONGEST_RULE:
                for piece in _pieces(line):
                    self._read_statements(number, piece)
            elif self._skipped_indent is None and _is_plain(line):
                self.add(number, line, allows=True)
            elif not self._is_outbound(line):
                self._read_statements(number, _COMMENT.sub("", line))
        return self.result()

    def _read_statements(self, number: int, text: str) -> None:
        for statement in text.split(";"):
            if statement.strip():
                self._read_statement(number, statement)

    def _is_outbound(self, line: str) -> bool:
        """Skip a block that is about outbound traffic, by its indentation."""
        if not line.strip():
            return False
        indent = len(line) - len(line.lstrip())
        if self._skipped_indent is not None:
            if indent > self._skipped_indent:
                return True
            self._skipped_indent = None
            return line.strip()[0] in "}]"
        if _OUTBOUND_BLOCK.match(line):
            self._skipped_indent = indent
            return True
        return _OUTBOUND.search(line) is not None

    def _read_statement(self, number: int, statement: str) -> None:
        if _is_plain(statement):
            self.add(number, statement, allows=True)
            return
        if self._is_other_service(number, statement) or self._is_bound(number, statement):
            return
        denies = bool(_DENY.search(statement)) != bool(_NEGATED.search(statement))
        allows = not (denies or _NOT_IP.search(statement))
        if self._read_everyone(number, statement):
            return
        sources = self._sources(statement)
        if partial := _PARTIAL.match(sources):
            self._add_partials(number, partial[1], allows=allows)
        else:
            self.add(number, sources, allows=allows)

    def _is_other_service(self, number: int, statement: str) -> bool:
        ports = {
            int(one) for found in _PORTS.findall(statement) for one in re.findall(r"\d+", found)
        }
        if not ports or not ports <= _OTHER_SERVICES:
            return False
        named = ", ".join(str(port) for port in sorted(ports))
        self.note(f"Line {number} is about port {named} and was not counted.")
        return True

    def _is_bound(self, number: int, statement: str) -> bool:
        """Read the start or the end of a range that stands in lines of its own."""
        bounds = {which.lower(): address for which, address in _BOUND.findall(statement)}
        if not bounds:
            return False
        self._start = bounds.get("start", self._start)
        if "end" in bounds:
            self.add(number, f"{self._start}-{bounds['end']}", allows=True)
        return True

    def _read_everyone(self, number: int, statement: str) -> bool:
        """Read a rule about all sources; a default at any place decides nothing here."""
        if _DEFAULT.search(statement):
            return True
        source = self._sources(statement)
        if _DENY_EVERYONE.search(source):
            self.add_everyone(number, statement, allows=False)
            return True
        opened = _OPEN_PORT.search(statement) and not _LOCAL.search(statement)
        if opened or (_EVERYONE.search(source) and not _DENY.search(source)):
            self.add_everyone(number, statement, allows=True)
            return True
        return False

    def _add_partials(self, number: int, text: str, *, allows: bool) -> None:
        for word in re.split(r"[\s,]+", text.strip()):
            octets = word.rstrip(".")
            if re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){0,2}", octets):
                if interval := partial_interval(octets):
                    self.rules.append(Rule(allows, interval, number))
                else:
                    self.unread.append(UnreadEntry(number, word))
            else:
                self.add(number, word, allows=allows)

    @staticmethod
    def _sources(statement: str) -> str:
        """Leave out what is about destinations."""
        if router := _ROUTER.match(statement):
            return f"{router[1]} from {router[2]}"
        return _TO.sub(r"\1", _DESTINATION.sub(" ", statement))


class _JsonReader(_Collector):
    """Reads the rules of cloud providers: each object with sources is one rule."""

    def read(self, document: object) -> Rules:
        self._walk(document, allows=True, depth=0)
        return self.result()

    def _walk(self, value: object, *, allows: bool, depth: int) -> None:
        if depth > _LARGEST_DEPTH:
            self.note("Parts of the JSON are nested too deeply and were not read.")
        elif isinstance(value, str):
            self.add(0, value, allows=allows)
        elif isinstance(value, list):
            for one in sorted(value, key=_priority):
                self._walk(one, allows=allows, depth=depth + 1)
        elif isinstance(value, Mapping):
            self._walk_object(value, allows=allows, depth=depth)

    def _walk_object(self, value: Mapping[str, object], *, allows: bool, depth: int) -> None:
        words = {key.lower(): str(one).lower() for key, one in value.items()}
        if self._is_unrelated(words):
            return
        denies = "denied" in words or any(
            _DENY.fullmatch(words.get(key, ""))
            for key in ("action", "ruleaction", "access", "effect")
        )
        start, end = _bound(words, "start"), _bound(words, "end")
        if start and end:
            self.add(0, f"{start}-{end}", allows=allows and not denies)
        for key, one in value.items():
            if _is_source(key) and not (start and end and key.lower().startswith(("start", "end"))):
                self._walk(one, allows=allows and not denies, depth=depth + 1)

    def _is_unrelated(self, words: Mapping[str, str]) -> bool:
        if words.get("direction") in {"outbound", "egress"} or words.get("egress") == "true":
            return True
        ports = {
            words.get(key, "")
            for key in ("fromport", "toport", "destinationportrange", "from_port", "to_port")
        }
        numbers = {int(port) for port in ports if port.isascii() and port.isdigit()}
        if numbers and numbers <= _OTHER_SERVICES:
            named = ", ".join(str(port) for port in sorted(numbers))
            self.note(f"A rule about port {named} was not counted.")
            return True
        return False


def _is_plain(text: str) -> bool:
    return _ADDRESSES.fullmatch(text) is not None and "//" not in text


def _pieces(line: str) -> Iterator[str]:
    """Cut a long line, such as a list without line breaks, between its entries.

    An expression over all of it would hold the other threads for seconds.
    """
    position, end = 0, len(line)
    while position < end:
        cut = position + _LONGEST_RULE
        if cut < end:
            cut = 1 + max(line.rfind(mark, position, cut) for mark in ",; \t")
            cut = cut or position + _LONGEST_RULE
        piece = line[position:cut]
        if comment := _REST_IS_COMMENT.search(piece):
            yield piece[: comment.start()]
            return
        yield piece
        position = cut


def _blank_comments(text: str) -> str:
    """Replace comments over several lines by their line breaks."""
    for opening, closing in _COMMENT_MARKS:
        parts, position = [], 0
        # Searched by hand: an expression tries each opening again if nothing closes it.
        while (start := text.find(opening, position)) >= 0:
            end = text.find(closing, start + len(opening))
            if end < 0:
                break
            parts += [text[position:start], "\n" * text.count("\n", start, end)]
            position = end + len(closing)
        text = "".join(parts) + text[position:]
    return text


def _priority(value: object) -> float:
    """Return the number by which providers order their rules; 0 for what has none."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            if key.lower() in {"rulenumber", "priority"} and isinstance(one, int | float):
                return one
        return _priority(value.get("properties", {})) if "properties" in value else 0.0
    return 0.0


def _bound(words: Mapping[str, str], which: str) -> str:
    names = (
        which,
        f"{which}ip",
        f"{which}ipaddress",
        f"{which}_ip",
        f"{which}_ip_address",
        f"{which}address",
    )
    return next((words[name] for name in names if name in words), "")


def _is_source(key: str) -> bool:
    return not (_SOURCES_ONLY.search(key) or re.search("(?i)egress|outbound", key))
