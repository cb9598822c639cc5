"""A cURL command, read and never run: no file that it names is opened."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import quote_plus

from ibconsole.services.pasting.credentials import RequestDraft
from ibconsole.services.pasting.shell_words import cmd_words, is_of_cmd, posix_words
from ibconsole.services.pasting.values import PastedRequest

_COMMAND = re.compile(
    r"(?:#[^\n]*\n\s*)*(?:[$#>%]\s+|[\w:\\.~/ -]{0,80}>\s*)?curl(?:\.exe)?(?=[\s^])", re.IGNORECASE
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)

_DATA = {"data", "data-ascii", "data-raw", "data-binary", "data-urlencode", "json"}
# Options with a value that say nothing about the request itself.
_OTHER_VALUES = {
    *("cacert", "capath", "cert", "cert-type", "ciphers", "config", "connect-timeout"),
    *("connect-to", "continue-at", "cookie-jar", "dump-header", "interface", "key", "key-type"),
    *("limit-rate", "max-redirs", "max-time", "noproxy", "oauth2-bearer", "output", "pass"),
    *("proxy", "proxy-header", "proxy-user", "range", "resolve", "retry", "retry-delay"),
    *("retry-max-time", "socks5", "socks5-hostname", "stderr", "tls-max", "trace", "trace-ascii"),
    *("unix-socket", "upload-file", "write-out", "form", "form-string"),
}
_REQUEST_VALUES = {
    *("request", "header", "user", "cookie", "user-agent", "referer", "url"),
    *_DATA,
}
_TAKEN = frozenset({"request", "user", "get", "head", "url"})
_NOT_READ = frozenset({"form", "form-string", "upload-file", "config"})
# Options that are headers: what they add.
_HEADERS: Mapping[str, Callable[[str], tuple[str, str]]] = {
    "header": lambda value: (value.partition(":")[0].strip(), value.partition(":")[2].strip()),
    "user-agent": lambda value: ("User-Agent", value),
    "referer": lambda value: ("Referer", value),
    "cookie": lambda value: ("Cookie", value),
    "oauth2-bearer": lambda value: ("Authorization", f"Bearer {value}"),
}
_SHORT = {
    "X": "request", "H": "header", "d": "data", "u": "user", "b": "cookie", "A": "user-agent",
    "e": "referer", "x": "proxy", "o": "output", "m": "max-time", "F": "form", "E": "cert",
    "T": "upload-file", "w": "write-out", "c": "cookie-jar", "D": "dump-header", "U": "proxy-user",
    "K": "config", "r": "range", "C": "continue-at", "G": "get", "I": "head",
}  # fmt: skip
_FORM = ("Content-Type", "application/x-www-form-urlencoded")
_JSON = ("Content-Type", "application/json")


def is_curl(text: str) -> bool:
    """Return whether a text begins as a cURL command does, also behind a prompt."""
    return _COMMAND.match(text) is not None


def read_curl(text: str) -> PastedRequest | None:
    """Return the request that the command would send; None if it names no URL."""
    begin = _COMMAND.match(text)
    command = text[begin.end() :] if begin else text
    words = cmd_words(command) if is_of_cmd(command) else posix_words(command)
    reading = _CommandReading()
    for name, value in _options(words):
        reading.take(name, value)
    return reading.request()


class _CommandReading:
    def __init__(self) -> None:
        self._draft = RequestDraft()
        self._url = self._method = ""
        self._data: list[str] = []
        self._is_json = self._in_query = False

    def take(self, name: str, value: str) -> None:
        """Take one option by its long name; one that says nothing about the request is ignored."""
        if name in _DATA:
            self._take_data(name, value)
        elif name in _HEADERS:
            self._draft.add_header(*_HEADERS[name](value))
        elif name in _NOT_READ:
            self._draft.remark(f"--{name} is not read: no file is opened.")
        elif name in _TAKEN:
            getattr(self, f"_take_{name}")(value)

    def _take_request(self, value: str) -> None:
        self._method = value

    def _take_user(self, value: str) -> None:
        self._draft.add_user(value)

    def _take_get(self, _: str) -> None:
        self._in_query = True

    def _take_head(self, _: str) -> None:
        self._method = self._method or "HEAD"

    def request(self) -> PastedRequest | None:
        if not self._url:
            return None
        body, url = "&".join(self._data), self._url
        if self._in_query and body:
            url += ("&" if "?" in url else "?") + body
            body = ""
        if self._data and not self._in_query:
            self._draft.add_default(*(_JSON if self._is_json else _FORM))
        method = self._method or ("POST" if self._data and not self._in_query else "GET")
        return self._draft.request(method, url, body.encode("utf-8", "replace"))

    def _take_url(self, value: str) -> None:
        if not self._url:
            self._url = value if _SCHEME.match(value) else f"http://{value}"
        else:
            self._draft.remark("The command has several URLs; only the first one is read.")

    def _take_data(self, name: str, value: str) -> None:
        self._is_json |= name == "json"
        if value.startswith("@") and name != "data-raw":
            self._draft.remark("Its body is in a file, which is not read.")
            self._data.append("")
        elif name == "data-urlencode":
            key, equals, content = value.partition("=")
            encoded = quote_plus(content if equals else key)
            self._data.append(f"{key}={encoded}" if equals and key else encoded)
        else:
            self._data.append(value)


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each option by its long name, with its value; a word without an option is a URL."""
    rest = iter(words)
    for word in rest:
        if word.startswith("--") and len(word) > 2:
            name, equals, value = word[2:].partition("=")
            has_value = name in _REQUEST_VALUES or name in _OTHER_VALUES
            yield name, value if equals or not has_value else next(rest, "")
        elif word.startswith("-") and len(word) > 1:
            yield from _short_options(word[1:], rest)
        elif word:
            yield "url", word


def _short_options(letters: str, rest: Iterator[str]) -> Iterator[tuple[str, str]]:
    for place, letter in enumerate(letters, start=1):
        name = _SHORT.get(letter, "")
        if name in _REQUEST_VALUES or name in _OTHER_VALUES:
            yield name, letters[place:] or next(rest, "")
            return
        if name:
            yield name, ""
