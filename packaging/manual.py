"""Builds the manual page: prose from packaging/linux/ibconsole.1, commands from the program."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from ibconsole.cli.main import ibconsole
from release import Release

_PROSE = Path(__file__).parent / "linux" / "ibconsole.1"


def manual(release: Release) -> str:
    """Return the page in the macros of man(7)."""
    return (
        _PROSE.read_text(encoding="utf-8")
        .replace("@DATE@", release.date.isoformat())
        .replace("@VERSION@", f"{release.name} {release.version}")
        .replace("@OPTIONS@\n", "".join(_options(ibconsole)))
        .replace("@COMMANDS@\n", "".join(_commands(ibconsole, "")))
    )


def _commands(group: click.Group, path: str) -> Iterator[str]:
    for name, command in sorted(group.commands.items()):
        full = f"{path} {name}".strip()
        if isinstance(command, click.Group):
            yield from _commands(command, full)
            continue
        yield f".SS ibconsole {_text(full)}{_text(_arguments(command))}\n"
        yield _paragraphs(command.help or "")
        yield from _options(command)


def _arguments(command: click.Command) -> str:
    """Format a command's positional arguments, optional ones in brackets."""
    names = [
        (one.human_readable_name, one.required)
        for one in command.params
        if isinstance(one, click.Argument)
    ]
    return "".join(f" {name}" if required else f" [{name}]" for name, required in names)


def _options(command: click.Command) -> Iterator[str]:
    """Format a command's own options; shared ones are documented once, at the top."""
    shared = {one.help for one in ibconsole.params if isinstance(one, click.Option)}
    for option in command.params:
        if not isinstance(option, click.Option) or not option.help or option.hidden:
            continue
        if command is ibconsole or option.help not in shared:
            value = "" if option.is_flag or option.count else _value(option)
            yield f".TP\n\\fB{_text(', '.join(option.opts))}\\fR{value}\n{_text(option.help)}\n"


def _value(option: click.Option) -> str:
    context = click.Context(ibconsole)
    return f" \\fI{_text(option.make_metavar(context))}\\fR"


def _paragraphs(text: str) -> str:
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "".join(f".PP\n{_text(' '.join(one.split()))}\n" for one in paragraphs)


def _text(text: str) -> str:
    """Escape a text for troff."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"(?m)^([.'])", r"\\&\1", escaped)
