"""Paths into JSON: RFC 9535, within bounds that keep the time in proportion to the document.

Paths without filters, slices and lists, which most are, are followed here, in a tenth of the time.
All others are compiled by python-jsonpath, in its strict mode.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import msgspec

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule

if TYPE_CHECKING:
    import jsonpath
else:  # imported for a path that needs it, in a tenth of a second
    jsonpath = LazyModule("jsonpath")

LONGEST_PATH = 200  # characters
_DEEPEST = 300  # levels of a document that `..` descends; no JSON that is parsed has more than 200
_NAME = r"[A-Za-z_\u0080-\ud7ff\ue000-\U0010ffff][\w\u0080-\ud7ff\ue000-\U0010ffff]*"
_STEP = re.compile(
    rf"\.(?P<name>{_NAME})|\[(?P<index>0|-?[1-9][0-9]{{0,8}})\]|(?P<all>\.\*|\[\*\])"
    r"|\['(?P<single>[^'\\\x00-\x1f]*)'\]|\[\"(?P<double>[^\"\\\x00-\x1f]*)\"\]"
    rf"|\.\.(?P<anywhere>{_NAME})"
)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")

Selection = Callable[[Any], Iterable[Any]]
Step: TypeAlias = tuple[Callable[[list[Any], Any], list[Any]], str | int | None]


class JsonPath(msgspec.Struct, frozen=True, kw_only=True):
    """A path that can be followed.

    `select` yields the values at the path in a document, in any order. `names` are names in UTF-8
    without which it leads nowhere, as far as they are known.
    """

    select: Selection
    names: tuple[bytes, ...] = ()


class InvalidJsonPath(UserError):
    """The text is no path of RFC 9535, or one that could take too long.

    `offset` is the character of the path at which it was refused.
    """

    def __init__(self, sentence: str, offset: int = 0) -> None:
        super().__init__(sentence)
        self.offset = offset


def check_json_path(path: str) -> None:
    """Raise InvalidJsonPath unless this is a path that can be followed."""
    compiled_path(path)


@lru_cache(maxsize=64)
def compiled_path(path: str) -> JsonPath:
    """Return a path that can be followed. Raises InvalidJsonPath."""
    if len(path) > LONGEST_PATH:
        raise InvalidJsonPath(f"A path has at most {LONGEST_PATH} characters.", LONGEST_PATH)
    if not path.startswith("$"):
        raise InvalidJsonPath("A path begins with $, the message.")
    _check_bounds(path)
    steps = _plain_steps(path)
    if steps is None:
        return JsonPath(select=_compile(path))
    names = tuple(step.encode() for _, step in steps if isinstance(step, str) and step.isascii())
    return JsonPath(select=_follow(steps), names=names)


def _plain_steps(path: str) -> Sequence[Step] | None:
    """Return the steps of a path without filters, slices and lists; else None."""
    steps: list[Step] = []
    place = 1
    while place < len(path):
        found = _STEP.match(path, place)
        if not found:
            return None
        kind = str(found.lastgroup)
        text = found[kind]
        take = _TAKE.get(kind, _member)
        steps.append((take, int(text) if kind == "index" else None if kind == "all" else text))
        place = found.end()
    return steps


def _follow(steps: Sequence[Step]) -> Selection:
    def select(value: Any) -> Iterable[Any]:
        values = [value]
        for take, step in steps:
            values = take(values, step)
        return values

    return select


def _member(values: list[Any], name: Any) -> list[Any]:
    return [one[name] for one in values if isinstance(one, dict) and name in one]


def _element(values: list[Any], index: Any) -> list[Any]:
    return [one[index] for one in values if isinstance(one, list) and -len(one) <= index < len(one)]


def _all(values: list[Any], _: Any) -> list[Any]:
    return [child for one in values for child in _children(one)]


def _anywhere(values: list[Any], name: Any) -> list[Any]:
    found, layer = [], values
    while layer:
        found += _member(layer, name)
        layer = [child for one in layer for child in _children(one)]
    return found


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


_TAKE: Mapping[str, Callable[[list[Any], Any], list[Any]]] = {
    "index": _element,
    "all": _all,
    "anywhere": _anywhere,
}


def _check_bounds(path: str) -> None:
    """Raise InvalidJsonPath for what may visit the same part of a document again and again."""
    plain = _QUOTED.sub(lambda found: "_" * len(found[0]), path)
    for pattern, most, sentence in (
        (r"\.\.", 1, "A path may descend (..) once only."),
        (r"\?", 1, "A path may have one filter (?) only."),
        (r"\$", 1, "A filter may not begin again at $."),
        (r"\[[^\[\]?]*,", 1, "A path may have one list of selectors only."),
    ):
        found = list(re.finditer(pattern, plain))
        if len(found) > most:
            raise InvalidJsonPath(sentence, found[most].start())
    filters, descent = plain.find("?"), plain.find("..")
    if 0 <= filters < descent:
        raise InvalidJsonPath("A filter may not descend (..).", descent)


def _compile(path: str) -> Selection:
    try:
        compiled = _environment().compile(path)
    except jsonpath.JSONPathError as error:
        _refuse(path, error)
    except (RecursionError, ValueError, OverflowError):
        raise InvalidJsonPath("The path is not one of RFC 9535.") from None

    def select(value: Any) -> Iterator[Any]:
        if not isinstance(
            value, str
        ):  # which the library would read as JSON; no path leads into it
            yield from (match.obj for match in compiled.finditer(value))

    return select


def _refuse(path: str, error: Any) -> NoReturn:
    token = getattr(error, "token", None)
    offset = int(getattr(token, "index", 0))
    if not 0 <= offset <= len(path):  # so the library marks the end
        offset = len(path)
    reason = str(getattr(error, "args", None) and error.args[0]).rstrip(".")
    raise InvalidJsonPath(f"The path is not one of RFC 9535: {reason}.", offset) from None


@lru_cache(maxsize=1)
def _environment() -> Any:
    """Return python-jsonpath's environment without regular expressions, which know no bounds."""
    environment = jsonpath.JSONPathEnvironment(strict=True)
    environment.max_recursion_depth = _DEEPEST
    for name in ("match", "search"):
        environment.function_extensions.pop(name, None)
    return environment
