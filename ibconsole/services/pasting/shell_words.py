"""The words of a command line as a shell divides it: a POSIX shell, or Windows' cmd.

Nothing is expanded: a variable or a command substitution stays the text that it is.
"""

import re
from collections.abc import Iterator

_BLANK = " \t\r\n"
_ANSI_C = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}
_NUMBER = re.compile(r"x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})")
_ENDS = re.compile(r"[;&|<>\n]")
_CMD = re.compile(r'\^[ \t]*\r?\n|\^"')
_ARGUMENT = re.compile(r'(\\*)(")|(\\+)|([^\\"]+)', re.DOTALL)


def is_of_cmd(text: str) -> bool:
    """Return whether a command is written for Windows' cmd, as its carets show."""
    return _CMD.search(text) is not None


def posix_words(text: str) -> list[str]:
    """Return the words of the first command; what is not closed ends with the text."""
    return list(_PosixWords(text).words())


def cmd_words(text: str) -> list[str]:
    """Return the words of a command of cmd, as a program of Windows gets them."""
    return _arguments(_without_carets(text))


class _PosixWords:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def words(self) -> Iterator[str]:
        while self._skip_blanks():
            if _ENDS.match(self._text, self._at) or self._text[self._at] == "#":
                return  # another command, a redirection, or a comment
            yield self._word()

    def _skip_blanks(self) -> bool:
        text = self._text
        while self._at < len(text):
            if text[self._at] in " \t\r":
                self._at += 1
            elif text.startswith(("\\\n", "\\\r\n"), self._at):
                self._at = text.index("\n", self._at) + 1
            else:
                return True
        return False

    def _word(self) -> str:
        parts, text = [], self._text
        while self._at < len(text):
            letter = text[self._at]
            if letter in _BLANK or _ENDS.match(letter):
                break
            if letter == "'":
                parts.append(self._single())
            elif letter == '"':
                parts.append(self._double())
            elif text.startswith("$'", self._at):
                parts.append(self._ansi_c())
            elif letter == "\\":
                parts.append(self._escaped())
            else:
                parts.append(self._plain())
        return "".join(parts)

    def _plain(self) -> str:
        found = re.compile(r"""[^ \t\r\n;&|<>'"\\$]+|\$""").match(self._text, self._at)
        end = found.end() if found else self._at + 1
        start, self._at = self._at, end
        return self._text[start:end]

    def _escaped(self) -> str:
        following = self._text[self._at + 1 : self._at + 3]
        self._at += 3 if following == "\r\n" else 2
        return "" if following[:1] == "\n" or following == "\r\n" else following[:1]

    def _single(self) -> str:
        end = self._text.find("'", self._at + 1)
        end = len(self._text) if end < 0 else end
        start, self._at = self._at + 1, end + 1
        return self._text[start:end]

    def _double(self) -> str:
        parts, at, text = [], self._at + 1, self._text
        while at < len(text) and text[at] != '"':
            if text[at] == "\\" and text[at + 1 : at + 2] in {'"', "\\", "$", "`", "\n"}:
                at += 1
                parts.append("" if text[at] == "\n" else text[at])
            else:
                parts.append(text[at])
            at += 1
        self._at = at + 1
        return "".join(parts)

    def _ansi_c(self) -> str:
        parts, at, text = [], self._at + 2, self._text
        while at < len(text) and text[at] != "'":
            if text[at] != "\\":
                parts.append(text[at])
            elif number := _NUMBER.match(text, at + 1):
                digits = next(filter(None, number.groups()))
                parts.append(_letter(int(digits, 8 if number[4] else 16)))
                at = number.end() - 1
            else:
                at += 1
                escaped = text[at : at + 1]
                parts.append(_ANSI_C.get(escaped, escaped))
            at += 1
        self._at = at + 1
        return "".join(parts)


def _letter(number: int) -> str:
    return chr(number) if number < 0x110000 else "\ufffd"


def _without_carets(text: str) -> str:
    """Return the command line that cmd passes on: up to another command, its carets applied."""
    parts, quoted, at = [], False, 0
    while at < len(text):
        letter = text[at]
        if letter == "^" and not quoted:
            at += 1
            if text.startswith(("\n", "\r\n"), at):  # the line goes on
                at = text.index("\n", at) + 1
            parts.append(text[at : at + 1])
        elif letter in "\r\n&|<>" and not quoted:
            break
        else:
            quoted ^= letter == '"'
            parts.append(letter)
        at += 1
    return "".join(parts)


def _arguments(line: str) -> list[str]:
    """Divide a command line as the runtime library of C does on Windows."""
    words, word, quoted, is_word = [], [], False, False
    for found in _ARGUMENT.finditer(line):
        slashes, quote, alone, plain = found.groups()
        if quote:
            word.append("\\" * (len(slashes) // 2))
            is_word = True
            if len(slashes) % 2:
                word.append('"')
            else:
                quoted = not quoted
        elif alone or quoted:
            word.append(alone or plain)
            is_word = True
        else:
            first, *others = re.split(r"[ \t\r\n]+", plain)
            word.append(first)
            is_word = is_word or bool(first)
            for one in others:
                if is_word:
                    words.append("".join(word))
                word, is_word = [one], bool(one)
    if is_word:
        words.append("".join(word))
    return words
