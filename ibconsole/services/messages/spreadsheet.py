"""CSV cells that a spreadsheet shows as they are: never as a formula, a rounded number or a date.

Spreadsheets take for a formula what begins with one of a few characters, and convert what looks
like a number or a date, also within quotes. An apostrophe in front prevents both: Excel and
LibreOffice show it with the text. Where cells are parted depends on the settings of the reader, so
a text is protected behind every character that may part them.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_RARE_SEPARATORS = "\x85\u2028\u2029"
_SEPARATORS = ";,|\\t\\n\\r\\v\\f\\x1c-\\x1e" + _RARE_SEPARATORS
# Blanks, invisible characters, quotes and apostrophes, which readers may take off.
_RARE_IGNORED = "\u00a0\u1680\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff"
_IGNORED = " '\"" + _RARE_IGNORED
# The wide and small forms of East Asian keyboards, and the minus sign, are included.
_RARE_SIGNS = "\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u207a\u207b\u2212"
_SIGNS = "=+\\-@" + _RARE_SIGNS
_RARE = re.compile(f"[{_RARE_SEPARATORS}{_RARE_IGNORED}{_RARE_SIGNS}]")
_FORMULA = re.compile(f"((?:^|[{_SEPARATORS}])(?=[{_IGNORED}{_SEPARATORS}]*[{_SIGNS}]))")
_ASCII = bytes(range(128))
_CONTROLS = frozenset("\t\n\r\v\f")
_ASCII_IGNORED = b" '\"\\"
# Every separator as a semicolon, and every sign as an equals sign.
_REDUCED = bytes.maketrans(b",|:\t\n\r\v\f\x1c\x1d\x1e+-@", b";" * 11 + b"=" * 3)
# Letters that no number, date or time has in this order: in nearly all identifiers and texts.
_OTHER_LETTERS = re.compile(
    r"[a-z]{12}|[0-9](?!(?:[eth]|am|pm|st|nd|rd|th)[0-9])[a-z]{1,2}[0-9]|[a-z] [a-z]+ [a-z]",
    re.IGNORECASE,
)
# A JSON string, in which a sign can be written as an escape.
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_JSON_SIGN = re.compile(f"(?:^|[{_SEPARATORS}:])[{_IGNORED}\\\\]*([{_SIGNS}])")

# A whole number that every spreadsheet shows with all its digits, also in a narrow column.
_SHORT_NUMBER = re.compile("[1-9][0-9]{0,10}|0")
# Numbers, times, dates, fractions, percentages and amounts, in the spelling of any country.
_NUMERIC = re.compile(
    r"(?=.*\d)(?:[\d.,:;/\\\-+ %()'\u2019\u066b\u066c\u2010-\u2015\u2212\u2044"
    r"$\u00a2-\u00a5\u20a0-\u20cf]|(?<=\d)[ethz]|[ap]\.?m\b|(?<= )[ap]\b)*",
    re.IGNORECASE,
)
_EAST_ASIAN_DATE = re.compile(
    r"(?=.*\d)[\d\s:\u5e74\u6708\u65e5\u6642\u5206\u79d2\u65f6\ub144\uc6d4\uc77c]+"
)
_MONTHS = (
    "jan|ene|gen|feb|fev|mar|mrz|mae|apr|avr|abr|mai|may|maj|mag|mei|jun|jui|giu|jul|lug|aug|aou"
    "|ago|sep|set|sty|oct|okt|ott|out|nov|dec|dez|dic|des|sij|vel|ozu|tra|svi|lip|srp|kol|ruj|lis"
    "|stu|pro|lut|kwi|cze|sie|wrz|paz|gru|\u044f\u043d\u0432|\u0444\u0435\u0432"
    "|\u043c\u0430|\u0430\u043f\u0440|\u0438\u044e|\u0430\u0432\u0433|\u0441\u0435\u043d"
    "|\u043e\u043a\u0442|\u043d\u043e\u044f|\u0434\u0435\u043a"
)
_DATE_IN_WORDS = re.compile(
    rf"(?=.*\d)(?:[a-z]+\.?,? +)?(?:\d{{1,4}}(?:st|nd|rd|th|\.)?[ .,/\-]*)?(?:{_MONTHS})\w*"
    r"[ .,/\-]*(?:\d{1,4}(?:st|nd|rd|th)?[ .,/\-]*){0,2}(?: [\d:., apm]+)?",
    re.IGNORECASE,
)
_ERROR_VALUE = re.compile(r"#[A-Z0-9_/]+[!?]?")
_TRUTH = re.compile(
    "true|false|wahr|falsch|vrai|faux|vero|falso|verdadeiro|verdadero|waar|onwaar|sand|falsk|sann"
    "|sant|usann|tosi|epatosi|prawda|falsz|pravda|nepravda|igaz|hamis|adevarat|fals|dogru|yanlis"
    "|istina|neistina|laz|\u0438\u0441\u0442\u0438\u043d\u0430|\u043b\u043e\u0436\u044c"
    "|\u03b1\u03bb\u03b7\u03b8\u03b5\u03c3|\u03c8\u03b5\u03c5\u03b4\u03b5\u03c3"
)
_LONGEST_DATE = 60
_LONGEST = 400  # characters of a text that a spreadsheet converts: numbers end at 1e308


def protect_text(text: str, *, searched: bool = False) -> str:
    """Return a text with an apostrophe wherever a spreadsheet would not show it as it is.

    `searched` says that `may_hold_formula` is known to be false for it.
    """
    protected = text
    if not searched and may_hold_formula(text.encode("utf-8", "replace")):
        protected = _FORMULA.sub(r"\1'", text)
        if protected[:1] == "'" != text[:1]:
            return protected
    if text[:1] in _CONTROLS or (len(text) <= _LONGEST and _is_converted(text)):
        return f"'{protected}" if text else text
    return protected


def protect_id(text: str, *, searched: bool = False) -> str:
    """Return an identifier as `protect_text` does; one of digits only is always a text."""
    return f"'{text}" if text.isdecimal() else protect_text(text, searched=searched)


def protect_json(text: str) -> str:
    """Return JSON of the same value in which no part of a string begins like a formula."""
    if not may_hold_formula(text.encode("utf-8", "replace")):
        return text
    if not _JSON_SIGN.search(text):
        return text
    return _JSON_STRING.sub(lambda found: _escape_signs(found[0]), text)


def encode_row(cells: Sequence[str], last: bytes | None = None) -> bytes:
    """Encode a row of CSV (RFC 4180), each cell in quotes; `last` is a further cell in UTF-8."""
    quoted = '","'.join(cells)
    if quoted.count('"') != 2 * (len(cells) - 1):
        quoted = '","'.join([cell.replace('"', '""') for cell in cells])
    row = quoted.encode("utf-8", "replace")
    if last is None:
        return b'"%b"\r\n' % row
    return b'"%b","%b"\r\n' % (row, last.replace(b'"', b'""'))


def may_hold_formula(text: bytes) -> bool:
    """Return whether a part of this text, in UTF-8, may have to be protected as a formula.

    Hardly any text does, and this takes a tenth of a search's time. It is true for texts that a
    semicolon joins if it is for one of them.
    """
    reduced = text.translate(_REDUCED, _ASCII_IGNORED)
    # Not with `in`, which is slow for bytes: it first takes its operand for a number.
    if reduced.startswith(b"=") or reduced.find(b";=") >= 0:
        return True
    if text.isascii():
        return False
    return _RARE.search(text.translate(None, _ASCII).decode()) is not None


@lru_cache(maxsize=4096)
def _is_converted(text: str) -> bool:
    """Return whether a spreadsheet, in any country, may take the whole text for a value."""
    if text.isascii():
        plain = stripped = text.strip()
        if stripped.isalpha():
            return _TRUTH.fullmatch(stripped.lower()) is not None
        if _OTHER_LETTERS.search(stripped):
            return False
    else:
        stripped = unicodedata.normalize("NFKC", text).strip()
        plain = _without_accents(stripped) if len(stripped) <= _LONGEST_DATE else ""
    if not stripped or _SHORT_NUMBER.fullmatch(text):
        return False
    patterns = (_NUMERIC, _EAST_ASIAN_DATE, _ERROR_VALUE, _DATE_IN_WORDS, _TRUTH)
    return any(pattern.fullmatch(each) for pattern in patterns for each in {stripped, plain})


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).replace(
        "\u0142", "l"
    )


def _escape_signs(string: str) -> str:
    def escaped(found: "re.Match[str]") -> str:
        return f"{found[0][:-1]}\\u{ord(found[1]):04x}"

    return f'"{_JSON_SIGN.sub(escaped, string[1:-1])}"'
