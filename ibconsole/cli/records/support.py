"""The option --support: what Infobip's support asks for, as plain text on stdout."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ibconsole.cli import GlobalOptions, confirm, out

if TYPE_CHECKING:
    from ibconsole.services.evidence.support import (
        SupportFinding,
        SupportMessage,
        SupportTest,
    )

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class ForSupport:
    """The options of `support_options`; nothing is written for support unless it is `wanted`."""

    wanted: bool = False
    with_codes: bool = False
    with_texts: bool = False
    yes: bool = False


def support_options(command: F) -> F:
    """Add --support with --with-codes, --with-texts and --yes; `read_support` reads them."""
    for option in (
        click.option("--yes", is_flag=True, help="Do not ask before codes are written."),
        click.option(
            "--with-texts", is_flag=True, help="With --support: write the texts of messages too."
        ),
        click.option(
            "--with-codes",
            is_flag=True,
            help="With --support: write whole application codes, after a question.",
        ),
        click.option(
            "--support",
            is_flag=True,
            help="Write what Infobip's support asks for: ids, codes (masked), times in UTC.",
        ),
    ):
        command = option(command)
    return command


def read_support(*, support: bool, with_codes: bool, with_texts: bool, yes: bool) -> ForSupport:
    """Return the options. Raises a usage error for those that stand without --support."""
    if (with_codes or with_texts) and not support:
        raise click.UsageError("--with-codes and --with-texts belong to --support.")
    return ForSupport(support, with_codes, with_texts, yes)


def write_support(
    items: "Sequence[SupportMessage | SupportFinding | SupportTest]", options: ForSupport
) -> None:
    """Write the text, after a question if it is to have codes.

    Raises NotPermitted where the policy masks codes.
    """
    from ibconsole.clock import now_ms
    from ibconsole.services.evidence.support import SupportChoices, support_text
    from ibconsole.services.request_log import Redactor

    if options.with_codes:
        out.shown_codes().require("Writing application codes")
        confirm(
            "Write application codes readable? They are also the mobile SDK's credential.",
            yes=options.yes,
        )
    choices = SupportChoices(with_codes=options.with_codes, with_texts=options.with_texts)
    text = support_text(items, choices, now_ms(), Redactor().redact)
    for line in text.splitlines():
        out.write_line(line)


def saved_base_url(options: GlobalOptions, uuid: str | None) -> str:
    """Return the base URL of a saved connection; empty if there is none with this UUID."""
    from ibconsole.services.connections import SettingsFile
    from ibconsole.services.runtime import find_paths

    settings = SettingsFile(find_paths(options.data_dir).settings).load().settings
    found = settings.connection(uuid or "")
    return found.base_url if found else ""


def connection_names(options: GlobalOptions) -> Mapping[str, str]:
    """Return the names of the saved connections by their UUIDs."""
    from ibconsole.services.connections import SettingsFile
    from ibconsole.services.runtime import find_paths

    settings = SettingsFile(find_paths(options.data_dir).settings).load().settings
    return {one.id: one.name for one in settings.connections}
