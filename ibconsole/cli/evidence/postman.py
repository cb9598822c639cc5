"""`ibconsole connections postman`: the platform's calls as a collection for Postman."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ibconsole.cli import (
    DASH,
    FileUnusable,
    GlobalOptions,
    data_dir_option,
    out,
    run,
    saved_connections,
)
from ibconsole.files import TargetExists, draft_file, is_stream, publish_draft, require_absent, save

if TYPE_CHECKING:
    from ibconsole.services.connections import Connection


@click.command("postman")
@click.argument("name")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    default=DASH,
    help="Write to FILE, which must not exist yet (or be a pipe); - is stdout, the default.",
)
@click.option("--force", is_flag=True, help="Replace FILE if it is a regular file.")
@data_dir_option
@click.pass_obj
def postman_collection(options: GlobalOptions, name: str, output: Path, force: bool) -> None:
    """Write the platform's ten calls as a collection for Postman, with the base URL of NAME.

    There is no secret in it: the credential is a variable, which is entered in Postman. The pull
    and what changes the setup are skipped there until a variable allows them.
    """
    from ibconsole.services.evidence.postman import postman_collection as collection_of

    connection: Connection = run(saved_connections(options).find(name))
    data = collection_of(connection.name, connection.base_url, connection.kind)
    if output == DASH:
        out.write_bytes(data)
        return
    _write(output, data, force=force)
    out.write_notice(f"The collection is {output}. There is no secret in it.")


def _write(output: Path, data: bytes, *, force: bool) -> None:
    try:
        if force or is_stream(output):
            save(output, data, lambda: out.write_waits_for_reader(output))
            return
        require_absent(output)
        with draft_file(output) as draft:
            draft.write_bytes(data)
            publish_draft(draft, output)
    except TargetExists:
        raise FileUnusable(
            f"{output} exists already, and was not changed. Use --force to replace it."
        ) from None
    except OSError as error:
        raise FileUnusable(
            f"{output} could not be written: {error.strerror or error}. Nothing else was changed."
        ) from error
