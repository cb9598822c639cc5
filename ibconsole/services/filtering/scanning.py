"""The characters of an expression: words, quoted texts, names of fields, paths, times.

Words end at white space, at a quotation mark and at a parenthesis. In quotation marks a backslash
stands before `"` and another backslash; before everything else it is itself.
"""

import re
from datetime import datetime, timedelta

from ibconsole.errors import UserError
from ibconsole.services.runtime import InvalidTime, parse_time

OPERATORS = ("AND", "OR", "NOT")
NEEDS_QUOTES = re.compile(r'[\s()"]|^=')
_WORD = re.compile(r'[^\s()"]+')
_SPACE = re.compile(r"\s*")
# What stands before //, as in a URL, is a part of a text.
_FIELD = re.compile(r"([A-Za-z][A-Za-z_-]*):(?!//)")
_COMPARISON = re.compile(r"==|!=|<=|>=|=|<|>")
_TEST_WORD = re.compile(r'(contains|exists)(?![^\s()"])')
_AGE = re.compile(r"([0-9]{1,6})(min|[smhdw])")
_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_LAG = re.compile(r"(-?[0-9]{1,15}(?:\.[0-9]{1,3})?)(ms|s|min|m|h|d|w)?")
_LARGEST_MS = 1 << 53
_ESCAPED = re.compile(r'\\([\\"])')
_PATH_ENDS = frozenset('=!<>)("')


class FilterError(UserError):
    """The text is no expression of the filter language.

    `position` is that of the first character that cannot be what it is, from 0; it may be the end.
    The sentence says what is expected there.
    """

    def __init__(self, sentence: str, position: int) -> None:
        super().__init__(sentence)
        self.position = position


def is_plain_word(text: str) -> bool:
    """Return whether a text is read as itself without quotation marks."""
    return not (
        not text
        or text in OPERATORS
        or text.startswith("-")
        or NEEDS_QUOTES.search(text)
        or _FIELD.match(text)
    )


class FilterScanner:
    """A text, and how far it was read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def skip_space(self) -> None:
        """Go on to the next character that is no white space."""
        found = _SPACE.match(self.text, self.position)
        self.position = found.end() if found else self.position

    @property
    def next(self) -> str:
        """The next character, empty at the end."""
        return self.text[self.position : self.position + 1]

    def take(self, character: str) -> bool:
        """Read this character if it is the next one."""
        if not character or self.next != character:
            return False
        self.position += 1
        return True

    def peek_operator(self) -> str:
        """Return AND, OR or NOT if that is the next word, else nothing."""
        found = _WORD.match(self.text, self.position)
        return found[0] if found and found[0] in OPERATORS else ""

    def take_operator(self, operator: str) -> bool:
        """Read this operator if it is the next word."""
        if self.peek_operator() != operator:
            return False
        self.position += len(operator)
        return True

    def take_minus(self) -> bool:
        """Read a minus that stands directly before a term."""
        following = self.text[self.position + 1 : self.position + 2]
        if self.next != "-" or not following or following.isspace() or following == ")":
            return False
        self.position += 1
        return True

    def take_word(self) -> str:
        """Read the next word; empty if there is none here."""
        return self._take(_WORD)

    def take_field(self) -> str:
        """Read the name of a field with its colon; empty if there is none here."""
        return self._take(_FIELD)[:-1]

    def take_comparison(self) -> str:
        """Read a sign of comparison; empty if there is none here."""
        return self._take(_COMPARISON).replace("==", "=")

    def take_test_word(self) -> str:
        """Read `contains` or `exists`; empty if neither is here."""
        return self._take(_TEST_WORD)

    def take_value(self) -> tuple[str, bool]:
        """Read a word or a text in quotation marks, and return whether it was in these.

        Raises FilterError for a mark that is not closed.
        """
        return (self.take_quoted(), True) if self.next == '"' else (self.take_word(), False)

    def take_quoted(self) -> str:
        """Read a text in quotation marks. Raises FilterError if they are not closed."""
        start = self.position
        place = start + 1
        while place < len(self.text) and self.text[place] != '"':
            place += (
                2
                if self.text[place] == "\\" and self.text[place + 1 : place + 2] in {"\\", '"'}
                else 1
            )
        if place >= len(self.text):
            raise FilterError('The quotation mark is not closed: expected another ".', start)
        self.position = place + 1
        return _ESCAPED.sub(r"\1", self.text[start + 1 : place])

    def take_path(self) -> str:
        """Read a path into JSON: up to white space or a comparison outside of brackets.

        Raises FilterError for a bracket that is not closed.
        """
        start = self.position
        while self.next and not self.next.isspace() and self.next not in _PATH_ENDS:
            if self.next == "[":
                self._skip_brackets()
            else:
                self.position += 1
        return self.text[start : self.position]

    def _skip_brackets(self) -> None:
        opened, depth, quote = self.position, 0, ""
        while letter := self.next:
            self.position += 2 if quote and letter == "\\" else 1
            if quote:
                quote = "" if letter == quote else quote
            elif letter in "'\"":
                quote = letter
            elif letter in "[(":
                depth += 1
            elif letter in "])":
                depth -= 1
                if not depth:
                    return
        raise FilterError("The bracket of the path is not closed: expected ].", opened)

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.position)
        self.position = found.end() if found else self.position
        return found[0] if found else ""


def to_instant(text: str, now: datetime) -> int:
    """Return the milliseconds since the epoch of an age such as `2h`, or of a date or time.

    Raises InvalidTime.
    """
    if age := _AGE.fullmatch(text):
        seconds = int(age[1]) * _UNITS[age[2]]
        try:
            return int((now - timedelta(seconds=seconds)).timestamp() * 1000)
        except (ValueError, OverflowError, OSError):
            raise InvalidTime(f"{text!r} is too long ago.") from None
    return parse_time(text, now)


def to_lag(text: str) -> int | None:
    """Return the milliseconds of a lag such as `10m`, `1.5h` or `500ms`; None if it is none.

    A number alone is in seconds.
    """
    found = _LAG.fullmatch(text)
    if not found:
        return None
    unit = found[2] or "s"
    lag = round(float(found[1]) * (1 if unit == "ms" else 1000 * _UNITS[unit]))
    return lag if abs(lag) < _LARGEST_MS else None


def format_lag(lag_ms: int) -> str:
    """Return a lag in the largest unit of which it is a whole number; `to_lag` reads it."""
    for unit in ("w", "d", "h", "m", "s"):
        if lag_ms and lag_ms % (1000 * _UNITS[unit]) == 0:
            return f"{lag_ms // (1000 * _UNITS[unit])}{unit}"
    return f"{lag_ms}ms"
