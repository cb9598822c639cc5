"""`ibconsole allow-list`: the published source networks, and firewall rules compared with them."""

from typing import TYPE_CHECKING, BinaryIO

import click

from ibconsole.cli import out
from ibconsole.cli.options import json_option
from ibconsole.cli.running import ExitCode

if TYPE_CHECKING:
    from ibconsole.services.allow_list import Edition


@click.group("allow-list")
def allow_list() -> None:
    """Compare firewall rules with the platform's published source networks. Uses no network."""


@allow_list.command()
@click.argument("file", type=click.File("rb"), metavar="FILE|-")
@json_option
def check(file: BinaryIO, as_json: bool) -> int | None:
    """Say which published networks the rules in FILE do not let pass; - is stdin.

    Reads rules in any form: lists, ranges and masks, nginx, Apache, HAProxy, iptables, nftables,
    ufw, routers, JSON of cloud providers, Terraform. A network that is missing looks like an
    intermittent loss of messages.

    Exit code 0: all published networks may connect. 1: some may not.
    """
    from ibconsole.services.allow_list import (
        LARGEST,
        check_allow_list,
        describe_result,
        rules_text,
        to_object,
    )

    result = check_allow_list(rules_text(file.read(LARGEST + 1)))
    if as_json:
        out.write_json(to_object(result))
    else:
        if result.missing:
            rows = [
                (str(one.network), f"{one.missing_addresses:,}", ", ".join(map(str, one.missing)))
                for one in result.missing
            ]
            out.write_table(("Network", "Missing", "Not allowed"), rows)
        for sentence in describe_result(result):
            out.write_line(sentence)
    return None if result.complete else ExitCode.FAILED


@allow_list.command()
@click.option("--edition", metavar="NAME", help="Show this edition instead of the current one.")
@json_option
def show(edition: str | None, as_json: bool) -> None:
    """List the published networks, one per line, to paste into a firewall."""
    from ibconsole.services.allow_list import editions

    chosen = next((one for one in editions() if edition in {None, one.name}), None)
    if chosen is None:
        names = ", ".join(one.name for one in editions())
        raise click.BadParameter(f"There are these editions: {names}.", param_hint="--edition")
    if as_json:
        out.write_json(_to_object(chosen))
        return
    for network in chosen.networks:
        out.write_line(str(network))
    out.write_notice(f"Edition {chosen.name}, read on {chosen.read} from {chosen.source}")


def _to_object(edition: "Edition") -> dict[str, object]:
    return {
        "name": edition.name,
        "read": edition.read,
        "source": edition.source,
        "networks": [str(network) for network in edition.networks],
    }
