"""Writing of a setup file: the same setup gives the same bytes, on every computer.

Applications are sorted by name, and actions by what they do, because the platform's order is lost
when actions are created again.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ibconsole.services.documents import FileFormat, item_lines, json_document, yaml_text
from ibconsole.services.setup.files.values import (
    WantedAction,
    WantedApplication,
    WantedConfiguration,
)
from ibconsole.text import fold

_HEAD = (
    "# The inbound setup of an account; `ibconsole setup plan` compares this file with an account.",
    "version: 1",
)
_STEP = "  "
FIELDS = ("forwardUrl", "callbackData", "key")  # of an action, apart from its type


def write_setup_file(
    applications: Iterable[WantedApplication], file_format: FileFormat = FileFormat.YAML
) -> bytes:
    """Return a setup file with these applications, in UTF-8.

    What they contain is written as it is: mask it before (see `Masking`).
    """
    return write_in_order(sorted(applications, key=application_order), file_format)


def write_in_order(
    applications: Sequence[WantedApplication], file_format: FileFormat, *, schema: str = ""
) -> bytes:
    """Return a setup file as `write_setup_file` does, with the applications in this order."""
    if file_format is FileFormat.JSON:
        root: dict[str, Any] = {"$schema": schema} if schema else {}
        root |= {"version": 1, "applications": list(map(application_object, applications))}
        return json_document(root)
    lines = [*_HEAD, *([f"$schema: {yaml_text(schema)}"] if schema else [])]
    if not applications:
        return "\n".join([*lines, "applications: []\n"]).encode()
    lines.append("applications:")
    for one in applications:
        lines += [_STEP + line for line in item_lines(application_lines(one))]
    return "\n".join([*lines, ""]).encode()


def meaning_of(one: WantedApplication) -> object:
    """Return what an application is to have, as a value that is equal in any order of actions."""
    return one.name, one.id, one.code, meaning_of_configuration(one.configuration)


def meaning_of_configuration(one: WantedConfiguration | None) -> object:
    """Return what a configuration is to have, as such a value."""
    return one and (one.key, [(each.draft, each.key) for each in sorted_actions(one)])


def application_order(one: WantedApplication) -> tuple[str, str, str, str]:
    """Return the key by which applications are sorted."""
    return fold(one.name), one.name, one.id, one.code


def sorted_actions(configuration: WantedConfiguration) -> list[WantedAction]:
    """Return the actions of a configuration in their order in a file."""
    return sorted(
        configuration.actions,
        key=lambda one: (
            one.draft.type,
            one.draft.forward_url,
            one.draft.callback_data,
            one.key,
        ),
    )


def application_lines(one: WantedApplication) -> Iterator[str]:
    """Yield the lines of an application in YAML, without an indentation."""
    yield f"name: {yaml_text(one.name)}"
    for field, text in (("id", one.id), ("code", one.code)):
        if text:
            yield f"{field}: {yaml_text(text)}"
    if one.configuration is None:
        yield "configuration: null"
        return
    yield "configuration:"
    for line in configuration_lines(one.configuration):
        yield _STEP + line


def configuration_lines(configuration: WantedConfiguration) -> Iterator[str]:
    """Yield the lines of a configuration in YAML, without an indentation."""
    if configuration.key:
        yield f"key: {yaml_text(configuration.key)}"
    if not configuration.actions:
        yield "actions: []"
        return
    yield "actions:"
    for one in sorted_actions(configuration):
        for line in item_lines(action_lines(one)):
            yield _STEP + line


def action_lines(one: WantedAction) -> Iterator[str]:
    """Yield the lines of an action in YAML, without an indentation."""
    for field, text in action_object(one).items():
        yield f"{field}: {yaml_text(text)}"


def application_object(one: WantedApplication) -> dict[str, Any]:
    """Return an application as an object of JSON."""
    found: dict[str, Any] = {"name": one.name}
    found |= {name: text for name, text in (("id", one.id), ("code", one.code)) if text}
    configuration = one.configuration
    found["configuration"] = configuration and configuration_object(configuration)
    return found


def configuration_object(configuration: WantedConfiguration) -> dict[str, Any]:
    """Return a configuration as an object of JSON."""
    key = {"key": configuration.key} if configuration.key else {}
    return {**key, "actions": list(map(action_object, sorted_actions(configuration)))}


def action_object(one: WantedAction) -> dict[str, str]:
    """Return an action as an object of JSON; empty fields are left out."""
    return {"type": one.draft.type, **one.draft.raw, **({"key": one.key} if one.key else {})}
