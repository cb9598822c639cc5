"""`ibconsole forward-test`: one POST to a forward URL, and the verdict on its answer."""

from typing import TYPE_CHECKING, BinaryIO

import click

from ibconsole.cli import out
from ibconsole.cli.options import GlobalOptions, data_dir_option, json_option
from ibconsole.cli.running import ExitCode, open_console, run
from ibconsole.pasted import clean_pasted

if TYPE_CHECKING:
    from ibconsole.services.forward_test import ForwardTest


@click.command("forward-test")
@click.argument("url")
@click.option(
    "--payload",
    type=click.File("rb"),
    metavar="FILE",
    help="Post the content of FILE instead of the documented sample; - is stdin.",
)
@data_dir_option
@json_option
@click.pass_obj
def forward_test(
    options: GlobalOptions, url: str, payload: BinaryIO | None, as_json: bool
) -> int | None:
    """Post the documented sample to URL, once, as the platform would.

    Shows status, time per phase, certificate and answer, and whether the platform would count
    the message as delivered. Exit code 0: it would, or may. 1: it would not. Every test is
    recorded.
    """

    from ibconsole.services.forward_test import describe_test, to_object

    body = payload.read() if payload else None
    test = run(_test(options, clean_pasted(url), body))
    if as_json:
        out.write_json(to_object(test))
    else:
        for line in describe_test(test):
            out.write_line(line)
    out.write_notice(test.verdict.sentence)
    # What did not get past a proxy is not known, and no success.
    succeeded = test.status is not None and 200 <= test.status < 300
    return None if succeeded else ExitCode.FAILED


async def _test(options: GlobalOptions, url: str, payload: bytes | None) -> "ForwardTest":
    from ibconsole.services.forward_test import SAMPLE

    async with open_console(options, connect=False) as console:
        return await console.test_forward(url, SAMPLE if payload is None else payload)
