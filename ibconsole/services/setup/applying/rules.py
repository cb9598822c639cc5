"""SetupRules that make the setup of one account that of another: names of applications, and texts.

A rule that finds nothing is named, because a URL of a stage that stays may get live messages.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from ibconsole.errors import UserError
from ibconsole.model import ActionDraft, Application
from ibconsole.secret import MASK
from ibconsole.services.documents import DocumentProblem, InvalidDocument, Position
from ibconsole.services.setup import InboundRoute, draft_of
from ibconsole.services.setup.files import (
    SetupFile,
    WantedAction,
    WantedApplication,
    WantedConfiguration,
)
from ibconsole.text import escape_invisible

_MASKED_BY_CLIENT = re.compile(r"\*{8,}")
_SEPARATOR = re.compile(r"(?<!\\)=")


class BadRule(UserError):
    """A rule of a substitution cannot be understood; nothing was sent."""


class Substitution(msgspec.Struct, frozen=True):
    """The replacement of a text, or of what matches a regular expression, wherever it occurs.

    `label` is the rule as it was written. Of an expression, `new` may name groups (`\\1`).
    """

    label: str
    old: str
    new: str
    is_pattern: bool = False

    def apply(self, text: str) -> str:
        """Return the text with every occurrence replaced."""
        if not self.is_pattern:
            return text.replace(self.old, self.new)
        return re.sub(self.old, self.new, text)


class SetupRules(msgspec.Struct, frozen=True):
    """New names of applications by their names or IDs, and substitutions, in their order."""

    applications: Mapping[str, str] = {}
    substitutions: tuple[Substitution, ...] = ()


class Transformed(msgspec.Struct, frozen=True):
    """A file after rules were applied, and the labels of the rules that found nothing."""

    file: SetupFile
    unused: tuple[str, ...] = ()


def parse_mapping(text: str) -> tuple[str, str]:
    """Return the names in `OLD=NEW`; an equals sign of a name is written `\\=`. Raises BadRule."""
    old, new = _split(text)
    if not old or not new:
        raise BadRule(f"“{text}” does not name two applications: write OLD=NEW.")
    require_text(text)
    return old, new


def parse_substitution(text: str) -> Substitution:
    """Return the substitution that `OLD=NEW` or `/REGEX/=NEW` describes. Raises BadRule.

    An equals sign of a text, or a slash with which it begins, is written with a backslash.
    """
    if text.startswith("/") and len(text) > 1:
        pattern, separator, new = text[1:].partition("/=")
        if separator:
            return substitution_of(text, pattern, new, is_pattern=True)
        raise BadRule(
            f"“{text}” begins like an expression: write /REGEX/=NEW, or \\/… for a text that begins"
            " with a slash."
        )
    old, new = _split(text)
    return substitution_of(text, old.removeprefix("\\") if old[1:2] == "/" else old, new)


def substitution_of(label: str, old: str, new: str, *, is_pattern: bool = False) -> Substitution:
    """Return a substitution that can be carried out. Raises BadRule."""
    if not old:
        raise BadRule(f"“{label}” replaces nothing: there is no text before the equals sign.")
    require_text(label)
    if is_pattern:
        try:
            matches_nothing = re.compile(old).fullmatch("")
            re.sub(old, new, "")
        except (re.error, IndexError, RecursionError, OverflowError) as error:
            raise BadRule(
                f"“{label}” is no regular expression with a replacement: {error}."
            ) from None
        if matches_nothing:
            raise BadRule(f"“{label}” matches the empty text, so it would match everywhere.")
    return Substitution(label, old, new, is_pattern)


def require_text(text: str) -> None:
    """Raise BadRule for bytes of the command line that are no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadRule(f"“{escape_invisible(text)}” is no text in UTF-8.") from None


def transform(file: SetupFile, rules: SetupRules) -> Transformed:
    """Return the file with other names of applications and other texts in their actions.

    Texts are forward URLs and callback data. An application with a new name loses the ID and the
    code that it has in the file: they belong to another application. Raises InvalidDocument if two
    applications get one name.
    """
    used: set[str] = set()
    applications = tuple(_transformed(one, rules, used) for one in file.applications)
    _require_unique(file, applications)
    labels = (*rules.applications, *(one.label for one in rules.substitutions))
    return Transformed(
        replace(file, applications=applications),
        tuple(label for label in labels if label not in used),
    )


def wanted_clone(route: InboundRoute, target: Application, name: str) -> SetupFile:
    """Return a file that wants this route for another application; `name` is what errors call it.

    A value in which the client has masked the credential of the account cannot be sent. Raises
    InvalidDocument if there is not one configuration.
    """
    if len(route.configurations) != 1:
        number = len(route.configurations)
        rule = f"there are {number} configurations, and one can be cloned"
        rule = rule if number else "there is no configuration that could be cloned"
        raise InvalidDocument(name, [DocumentProblem(Position(), rule)])
    actions = tuple(
        WantedAction(
            ActionDraft(
                type=draft.type,
                forward_url=_MASKED_BY_CLIENT.sub(MASK, draft.forward_url),
                callback_data=_MASKED_BY_CLIENT.sub(MASK, draft.callback_data),
            )
        )
        for draft in map(draft_of, route.configurations[0].actions)
    )
    wanted = WantedApplication(
        target.name, WantedConfiguration(actions), id=target.id, code=target.code
    )
    return SetupFile(name, (wanted,))


def _split(text: str) -> tuple[str, str]:
    parts = [part.replace("\\=", "=") for part in _SEPARATOR.split(text)]
    if len(parts) != 2:
        found = "has no equals sign" if len(parts) < 2 else "has several equals signs"
        raise BadRule(f"“{text}” {found}: write OLD=NEW, and \\= for one that belongs to a text.")
    return parts[0], parts[1]


def _transformed(
    application: WantedApplication, rules: SetupRules, used: set[str]
) -> WantedApplication:
    key = next(
        (one for one in (application.name, application.id) if one and one in rules.applications), ""
    )
    if key:
        used.add(key)
        application = replace(application, name=rules.applications[key], id="", code="")
    if not application.configuration:
        return application
    actions = tuple(
        _with_texts(one, rules.substitutions, used) for one in application.configuration.actions
    )
    return replace(application, configuration=replace(application.configuration, actions=actions))


def _with_texts(
    action: WantedAction, substitutions: Sequence[Substitution], used: set[str]
) -> WantedAction:
    draft = action.draft
    for one in substitutions:
        changed = ActionDraft(
            type=draft.type,
            forward_url=one.apply(draft.forward_url),
            callback_data=one.apply(draft.callback_data),
        )
        if changed != draft:
            used.add(one.label)
        draft = changed
    return replace(action, draft=draft)


def _require_unique(file: SetupFile, applications: Iterable[WantedApplication]) -> None:
    first: dict[tuple[str, str, str], WantedApplication] = {}
    problems = []
    for one in applications:
        other = first.setdefault((one.name, one.id, one.code), one)
        if other is not one:
            problems.append(
                DocumentProblem(
                    one.position,
                    f"the rules give this application the name of another one, {one.label} in line"
                    f" {other.position.line}",
                )
            )
    if problems:
        raise InvalidDocument(file.name, problems)
