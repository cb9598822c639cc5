"""Export into an existing file: only what differs is changed, so that comments and order stay.

The result is read again before it is returned: a file in a style that cannot be edited is refused,
never damaged.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from ibconsole.errors import UserError
from ibconsole.services.documents import (
    FileFormat,
    InvalidDocument,
    MappingNode,
    Node,
    Position,
    Problems,
    Scalar,
    TextEdits,
    decode,
    is_json,
    read_nodes,
)
from ibconsole.services.setup.files.application_edits import edit_applications
from ibconsole.services.setup.files.masks import matches
from ibconsole.services.setup.files.reading import read_contents
from ibconsole.services.setup.files.values import (
    WantedAction,
    WantedApplication,
    WantedConfiguration,
)
from ibconsole.services.setup.files.writing import (
    application_order,
    meaning_of,
    sorted_actions,
    write_in_order,
)


class CannotMerge(UserError):
    """A file is written in a way that cannot be edited."""


def merge_into(
    existing: bytes, name: str, applications: Iterable[WantedApplication], *, is_complete: bool
) -> bytes:
    """Return the existing file with the setup of these applications; the same bytes if it has it.

    Applications of the file that are not among them are removed if `is_complete`, else left alone.
    A masked value of the file stays if it can stand for the new one. Raises InvalidDocument if
    the existing file is none, and CannotMerge.
    """
    text, problems = decode(existing, name), Problems(name)
    root = read_nodes(text, name, problems)
    before = read_contents(root, problems)
    after = _merged(before, sorted(applications, key=application_order), is_complete=is_complete)
    if list(map(meaning_of, before)) == [meaning_of(one) for _, one in after]:
        return existing
    wanted = [one for _, one in after]
    if is_json(text, name):
        return write_in_order(wanted, FileFormat.JSON, schema=_schema(root))
    edits = TextEdits(text, root)
    if not edit_applications(edits, root, before, after):
        if edits.comments((0, len(text))):
            raise _refusal(name)
        return write_in_order(wanted, FileFormat.YAML, schema=_schema(root))
    data = edits.result.encode()
    if not _says(data, name, wanted):
        raise _refusal(name)
    return data


def _merged(
    before: Sequence[WantedApplication], new: Sequence[WantedApplication], *, is_complete: bool
) -> list[tuple[int | None, WantedApplication]]:
    """Return the applications of the result, each with its number in the file before."""
    pairs = _pairs(before, new)
    merged: list[tuple[int | None, WantedApplication]] = [
        (number, _updated(one, new[pairs[number]]) if number in pairs else one)
        for number, one in enumerate(before)
        if number in pairs or not is_complete
    ]
    paired = set(pairs.values())
    return merged + [(None, one) for number, one in enumerate(new) if number not in paired]


def _pairs(before: Sequence[WantedApplication], new: Sequence[WantedApplication]) -> dict[int, int]:
    """Return which application of the file is which new one, by ID, by code, or by name."""
    pairs: dict[int, int] = {}
    paired: set[int] = set()
    keys: Sequence[Callable[[WantedApplication], object]] = (
        lambda one: one.id,
        lambda one: one.code,
        lambda one: (one.name, one.id) if one.name else "",
        lambda one: one.name,
    )
    for key in keys:
        waiting = defaultdict(list)
        for number, one in enumerate(new):
            if number not in paired and key(one):
                waiting[key(one)].append(number)
        for number, one in enumerate(before):
            fitting = waiting.get(key(one))
            if number not in pairs and fitting:
                pairs[number] = fitting.pop(0)
                paired.add(pairs[number])
    return pairs


def _updated(old: WantedApplication, new: WantedApplication) -> WantedApplication:
    configuration = new.configuration
    if old.configuration and configuration:
        configuration = WantedConfiguration(
            tuple(pair_actions(old.actions, sorted_actions(configuration))),
            configuration.key or old.configuration.key,
        )
    return replace(new, configuration=configuration, id=new.id or old.id, code=new.code or old.code)


def pair_actions(old: Sequence[WantedAction], new: Sequence[WantedAction]) -> list[WantedAction]:
    """Return the new actions in the order of the file, with the positions of those they replace.

    An action of the file that fits stays; others become the new ones that are most like them.
    """
    found: dict[int, WantedAction] = {}
    left = [replace(one, position=Position()) for one in new]
    likenesses: Sequence[Callable[[WantedAction, WantedAction], bool]] = (
        lambda one, other: one.draft == other.draft,
        lambda one, other: matches(one, other.draft),
        lambda one, other: one.draft.forward_url == other.draft.forward_url != "",
        lambda one, other: one.draft.callback_data == other.draft.callback_data != "",
        lambda one, other: one.draft.type == other.draft.type,
    )
    for stays, is_like in zip((True, True, False, False, False), likenesses, strict=True):
        for number, one in enumerate(old):
            like = next((each for each in left if is_like(one, each)), None)
            if number in found or like is None or one.draft.type != like.draft.type:
                continue
            left.remove(like)
            draft = one.draft if stays else like.draft
            found[number] = WantedAction(draft, like.key or one.key, one.position)
    return [*(found[number] for number in sorted(found)), *left]


def _says(data: bytes, name: str, wanted: Sequence[WantedApplication]) -> bool:
    problems = Problems(name)
    try:
        found = read_contents(read_nodes(data.decode(), name, problems), problems)
    except InvalidDocument:
        return False
    return list(map(meaning_of, found)) == list(map(meaning_of, wanted))


def _schema(root: Node) -> str:
    members = root.members if isinstance(root, MappingNode) else ()
    found = (value for name, value in members if name.text == "$schema")
    return next((one.text for one in found if isinstance(one, Scalar)), "")


def _refusal(name: str) -> CannotMerge:
    return CannotMerge(
        f"{name} is written in a way in which its comments cannot be kept, so it was not changed."
        " Export into another file, or use --force to replace it."
    )
