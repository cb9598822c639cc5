"""`ibconsole custody`: the proof of a message's way, as a file, and its verification."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ibconsole.cli import (
    DASH,
    ExitCode,
    FileUnusable,
    GlobalOptions,
    data_dir_option,
    json_option,
    out,
)
from ibconsole.files import (
    TargetExists,
    draft_file,
    is_stream,
    publish_draft,
    require_absent,
    save,
)

if TYPE_CHECKING:
    from ibconsole.services.custody import CustodyContent, CustodyRecord, CustodyVerification

_WITH_CODE = (
    "The record has the application's code, which is also the mobile SDK's credential, and the URL"
    " of each delivery: give it to people who may have them."
)


@click.group()
@data_dir_option
def custody() -> None:
    """The proof of a message's way: from its pull or forward to its acknowledgement."""


@custody.command("export")
@click.argument("message")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="Write to FILE, which must not exist yet (or be a pipe); - is stdout.",
)
@click.option("--force", is_flag=True, help="Replace FILE if it is a regular file.")
@click.option(
    "--whole-body/--no-body",
    default=None,
    help=(
        "With or without the whole body in which the message came. By default with it if all of"
        " its messages are of one application."
    ),
)
@click.option("--hashes-only", is_flag=True, help="Leave out the message as well as the body.")
@data_dir_option
@click.pass_obj
def export_record(
    options: GlobalOptions,
    message: str,
    output: Path,
    force: bool,
    whole_body: bool | None,
    hashes_only: bool,
) -> None:
    """Write the custody record of MESSAGE, its ID in the archive or its messageId.

    The record has everything that its hashes are made of. Anyone can verify it, without this
    archive; docs/give-back.md says how without this program.
    """
    from ibconsole.services.custody import (
        CustodyContent,
        encode_record,
        find_message,
        make_record,
        verify_record,
    )

    if hashes_only and whole_body:
        raise click.UsageError("--hashes-only leaves out the body, and --whole-body adds it.")
    out.shown_codes().require("Exporting custody records, which have readable codes,")
    _require_writable(output, force=force)
    archive = _archive(options)
    content = CustodyContent(
        message=not hashes_only, whole_body=False if hashes_only else whole_body
    )
    made = make_record(archive, find_message(archive, message), content)
    _write(output, encode_record(made.record), force=force)
    for remark in made.remarks:
        out.write_notice(remark)
    out.write_notice(_WITH_CODE)
    if broken := verify_record(made.record).broken:
        sentences = " ".join(one.sentence for one in broken)
        out.write_notice(f"The record was written, but does not hold: {sentences}")
        raise click.exceptions.Exit(ExitCode.FAILED)


@custody.command("verify")
@click.argument("message", metavar="MESSAGE|FILE")
@data_dir_option
@json_option
@click.pass_obj
def verify_custody(options: GlobalOptions, message: str, as_json: bool) -> int | None:
    """Recompute every hash of a custody record: of FILE, or of MESSAGE in the archive.

    A FILE needs no archive; - is stdin. MESSAGE is its ID in the archive or its messageId. Exit
    code 0: every link holds. 1: one is broken; the output says which, and what still holds.
    """
    from ibconsole.services.custody import custody_lines, custody_object

    record, found = _verify(options, message)
    if as_json:
        out.write_json(custody_object(record, found))
    else:
        for line in custody_lines(record, found):
            out.write_line(line)
    return ExitCode.FAILED if found.broken else None


def _verify(options: GlobalOptions, name: str) -> "tuple[CustodyRecord, CustodyVerification]":
    from ibconsole.services.custody import (
        LARGEST_RECORD,
        find_message,
        make_record,
        verify_file,
        verify_record,
    )

    if name == str(DASH):
        return verify_file(sys.stdin.buffer.read(LARGEST_RECORD))
    data = None
    try:
        with suppress(FileNotFoundError), Path(name).open("rb") as stream:
            data = stream.read(LARGEST_RECORD)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileUnusable(f"{name} cannot be read: {reason}. Nothing was verified.") from error
    if data is not None:
        return verify_file(data)
    archive = _archive(options)
    if not archive.exists():  # as where only the file was sent
        raise FileUnusable(
            f"There is no file {name}, and no archive at {archive} that could have such a message."
            " Nothing was verified."
        )
    record = make_record(archive, find_message(archive, name), _everything()).record
    return record, verify_record(record)


def _everything() -> "CustodyContent":
    """Return that nothing is left out: the record stays in this process."""
    from ibconsole.services.custody import CustodyContent

    return CustodyContent(whole_body=True)


def _archive(options: GlobalOptions) -> Path:
    from ibconsole.services.runtime import find_paths

    return find_paths(options.data_dir).archive


def _require_writable(output: Path, *, force: bool) -> None:
    """Raise FileUnusable if FILE exists, and is not to be replaced."""
    if force or output == DASH or is_stream(output):
        return
    try:
        require_absent(output)
    except TargetExists:
        raise FileUnusable(
            f"{output} exists already, and was not changed. Use --force to replace it."
        ) from None


def _write(output: Path, data: bytes, *, force: bool) -> None:
    if output == DASH:
        out.write_bytes(data)
        return
    try:
        if force or is_stream(output):
            save(output, data, lambda: out.write_waits_for_reader(output))
            return
        with draft_file(output) as draft:
            draft.write_bytes(data)
            publish_draft(draft, output)
    except OSError as error:
        raise FileUnusable(
            f"{output} could not be written: {error.strerror or error}. The archive is unharmed."
        ) from error
