"""The retry law: how long to wait before each further attempt, as data that users can edit.

The law that the platform publishes for delivery reports and SMS (platform.md §5) is the preset.
For forwards of mobile push it is not documented, so it says of itself that it is assumed.
"""

import math
import re
from collections.abc import Sequence
from typing import Annotated

import msgspec

from ibconsole.errors import UserError
from ibconsole.plural import counted

MOST_RETRIES = 1_000
LONGEST_DELAY = 30 * 86_400.0  # seconds
LONGEST_TEXT = 65_536  # characters of a law as users write it

_UNITS = {"ms": 0.001, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3_600.0, "d": 86_400.0}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*(ms|sec|min|s|m|h|d)?\s*")
_TERM = r"((?:\d[\d.]*\s*(?:ms|sec|min|s|m|h|d)?\s*)+)"
_TIMES = "[*×·]?"  # noqa: RUF001 the signs are meant
_FORMULA = re.compile(
    rf"{_TERM}(?:\+\s*{_TERM}{_TIMES}\s*n\s*(?:²|(?:\^|\*\*)\s*(\d(?:\.\d{{1,3}})?))?)?\s*"
    r"(?:[,;x×]\s*(\d{1,4})\s*(?:retries|retry|times)?)?",  # noqa: RUF001 the sign is meant
)
_HOW = (
    "Write a list of delays such as `10s, 1m, 5m`, or a formula with the number of retries such as"
    " `1m + 1m * n^2, 20 retries`, where n counts from 0; or `published`, or `none`."
)

_Seconds = Annotated[float, msgspec.Meta(ge=0, le=LONGEST_DELAY)]


class InvalidLaw(UserError):
    """The text is no valid retry law."""


class RetryLaw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The waiting times between attempts, in seconds; an attempt without one is the last.

    With `delays` these are the times. Otherwise the time after attempt n + 1 is
    `base + step * n ** power`, n from 0, for `retries` attempts more than the first. `assumed` is
    true if it is not documented that the platform follows it.
    """

    name: str = ""
    delays: Annotated[tuple[_Seconds, ...], msgspec.Meta(max_length=MOST_RETRIES)] = ()
    base: _Seconds = 0.0
    step: _Seconds = 0.0
    power: Annotated[float, msgspec.Meta(ge=0, le=6)] = 2.0
    retries: Annotated[int, msgspec.Meta(ge=0, le=MOST_RETRIES)] = 0
    assumed: bool = False

    def delay(self, attempts: int) -> float | None:
        """Return the seconds to wait after this many attempts; None if there is no further one."""
        index = attempts - 1
        if self.delays:
            return self.delays[index] if 0 <= index < len(self.delays) else None
        if not 0 <= index < self.retries:
            return None
        grown: float = self.base + self.step * index**self.power
        return min(grown, LONGEST_DELAY)

    @property
    def all_delays(self) -> tuple[float, ...]:
        """All waiting times in their order, in seconds: one less than there are attempts."""
        count = len(self.delays) or self.retries
        return tuple(delay for n in range(1, count + 1) if (delay := self.delay(n)) is not None)

    @property
    def attempts(self) -> int:
        """The largest number of attempts, with the first one."""
        return 1 + (len(self.delays) or self.retries)

    @property
    def span(self) -> float:
        """The seconds from the first attempt to the last, if answers take no time."""
        return math.fsum(self.all_delays)

    @property
    def text(self) -> str:
        """The law as users write it; `read_law` returns an equal law, but for name and label."""
        if self.delays:
            return ", ".join(map(_shown, self.delays))
        if not self.retries:
            return "none"
        growing = f" + {_shown(self.step)} * n^{self.power:g}" if self.step else ""
        return f"{_shown(self.base)}{growing}, {counted(self.retries, 'retry', 'retries')}"

    @property
    def sentence(self) -> str:
        """A sentence for the user."""
        if self.attempts == 1:
            return "One attempt, no retries."
        assumed = " Assumed: for forwards of mobile push no law is documented." * self.assumed
        return f"{self.text}; the last one {_shown(self.span)} after the first attempt.{assumed}"


PUBLISHED_LAW = RetryLaw(name="published", base=60.0, step=60.0, retries=20, assumed=True)
NO_RETRIES = RetryLaw(name="none")
PRESET_LAWS = (PUBLISHED_LAW, NO_RETRIES)


def read_law(text: str) -> RetryLaw:
    """Return the law that a user has typed, or the JSON of `law_json`. Raises InvalidLaw.

    The name of a preset, a list of delays (`10s, 1m, 1h30m`), or a formula with its number of
    retries (`1m + 1m * n^2, 20 retries`). A number without a unit is in seconds.
    """
    if len(text) > LONGEST_TEXT:
        raise InvalidLaw(f"The retry law is longer than {LONGEST_TEXT:,} characters. {_HOW}")
    stripped = text.strip().removeprefix("\ufeff")
    if stripped.startswith("{"):
        return law_of(stripped)
    for preset in PRESET_LAWS:
        if stripped.casefold() == preset.name:
            return preset
    found = _FORMULA.fullmatch(stripped.lower())
    if found and (found[2] or "retr" in stripped.lower() or "times" in stripped.lower()):
        return _checked(_by_formula(found, stripped), stripped)
    return _checked(_by_list(stripped), stripped)


def law_json(law: RetryLaw) -> str:
    """Return a law as JSON, for files and for the archive."""
    return msgspec.json.encode(law).decode()


def law_of(text: str | bytes) -> RetryLaw:
    """Return the law of a JSON text. Raises InvalidLaw."""
    try:
        return _checked(msgspec.json.decode(text, type=RetryLaw), "")
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise InvalidLaw(
            f"The retry law is not valid JSON of a law: {error}. {_HOW}", details=str(error)
        ) from None


def _by_formula(found: re.Match[str], text: str) -> RetryLaw:
    if found[4] is None:
        raise InvalidLaw(f"{text!r} does not say how many retries there are. {_HOW}")
    step = _seconds(found[2], text) if found[2] else 0.0
    linear = bool(found[2]) and "²" not in text and not found[3]
    return RetryLaw(
        base=_seconds(found[1], text),
        step=step,
        power=float(found[3]) if found[3] else 1.0 if linear else 2.0,
        retries=_count(found[4], text),
    )


def _by_list(text: str) -> RetryLaw:
    parts = [part.strip() for part in re.split(r"[,;\n]", text.lower())]
    if parts and not parts[-1]:
        parts.pop()
    if not parts or not all(parts):
        raise InvalidLaw(f"{text!r} is not a valid retry law. {_HOW}")
    if len(parts) > MOST_RETRIES:
        raise InvalidLaw(f"A retry law has at most {MOST_RETRIES:,} retries, not {len(parts):,}.")
    return RetryLaw(delays=tuple(_seconds(part, text) for part in parts))


def _seconds(text: str, whole: str) -> float:
    """Return the seconds of `90`, `90s`, `1m30s` or `1 h 30 min`."""
    position, total = 0, 0.0
    while position < len(text) and (found := _PART.match(text, position)):
        total += float(found[1]) * _UNITS[found[2] or "s"]
        position = found.end()
    if not text or position < len(text):
        raise InvalidLaw(f"{text.strip()!r} in {whole!r} is not a valid delay. {_HOW}")
    return total


def _count(text: str, whole: str) -> int:
    if int(text) > MOST_RETRIES:
        raise InvalidLaw(f"A retry law has at most {MOST_RETRIES:,} retries: {whole!r} has more.")
    return int(text)


def _checked(law: RetryLaw, text: str) -> RetryLaw:
    longest = max((law.delays or _formula_ends(law)), default=0.0)
    if not longest <= LONGEST_DELAY:
        raise InvalidLaw(
            f"{text or law.text!r} has a delay of more than {_shown(LONGEST_DELAY)}, which is the"
            " longest that is possible. Use shorter delays, or fewer retries."
        )
    return law


def _formula_ends(law: RetryLaw) -> Sequence[float]:
    return (law.base + law.step * max(law.retries - 1, 0) ** law.power,) if law.retries else ()


def _shown(seconds: float) -> str:
    """Write seconds as `read_law` reads them: `90 s` is `1m 30s`."""
    if not seconds:
        return "0s"
    whole, rest = divmod(round(seconds, 6), 60)
    parts = []
    for unit, size in (("d", 1_440), ("h", 60), ("m", 1)):
        number, whole = divmod(whole, size)
        if number:
            parts.append(f"{number:.0f}{unit}")
    if rest:
        parts.append(f"{round(rest, 6):.6f}".rstrip("0").rstrip(".") + "s")
    return " ".join(parts) or "0s"
