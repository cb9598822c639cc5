"""The options that make a file that of another account: --map-app, --replace and --rules."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from ibconsole.cli import name_of, out, read_input

if TYPE_CHECKING:
    from ibconsole.services.setup.applying import SetupRules
    from ibconsole.services.setup.files import SetupFile

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class RuleTexts:
    """Rules as they were typed, and the file that has others."""

    names: tuple[str, ...] = ()
    substitutions: tuple[str, ...] = ()
    file: Path | None = None

    def read(self) -> "SetupRules":
        """Return the rules, those of the file first. Raises BadRule or InvalidDocument."""
        from ibconsole.services.setup.applying import (
            SetupRules,
            parse_mapping,
            parse_substitution,
            read_rules,
        )

        rules = SetupRules()
        if self.file:
            rules = read_rules(read_input(self.file), name_of(self.file))
        return SetupRules(
            {**rules.applications, **dict(map(parse_mapping, self.names))},
            (*rules.substitutions, *map(parse_substitution, self.substitutions)),
        )

    def apply(self, file: "SetupFile") -> "SetupFile":
        """Return the file with the rules applied, and name the rules that found nothing.

        Raises BadRule or InvalidDocument.
        """
        from ibconsole.services.setup.applying import transform

        transformed = transform(file, self.read())
        for label in transformed.unused:
            out.write_notice(f"The rule “{label}” found nothing in {file.name}.")
        return transformed.file


def rule_options(command: F) -> F:
    """Add --map-app, --replace and --rules to a command, which gets them as `rules`."""
    return click.option(
        "--map-app",
        "names",
        multiple=True,
        metavar="OLD=NEW",
        help="The application OLD of the file is NEW in the account; may be given several times.",
    )(text_rule_options(command))


def text_rule_options(command: F) -> F:
    """Add --replace and --rules to a command, which gets them as `rules`."""

    @wraps(command)
    def with_rules(
        *args: Any,
        substitutions: tuple[str, ...],
        rules_file: Path | None,
        names: tuple[str, ...] = (),
        **values: Any,
    ) -> Any:
        return command(*args, rules=RuleTexts(names, substitutions, rules_file), **values)

    with_texts = click.option(
        "--replace",
        "substitutions",
        multiple=True,
        metavar="OLD=NEW",
        help="Replace OLD, a text or /a regular expression/, in forward URLs and callback data;"
        " may be given several times.",
    )(with_rules)
    with_file = click.option(
        "--rules",
        "rules_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="A file with such rules, in YAML or JSON.",
    )(with_texts)
    return cast(F, with_file)
