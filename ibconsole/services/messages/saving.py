"""Files that messages and bodies are saved to: each appears when it is complete, or not at all."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ibconsole.archive import Progress, ProgressCallback, translated
from ibconsole.files import draft_file, publish_draft, replaceable, require_absent
from ibconsole.services.messages.export import (
    RAW_EXPORT,
    Export,
    ExportFailed,
    ExportOptions,
    ExportSummary,
)
from ibconsole.services.protection import PolicyInForce, find_policy

if TYPE_CHECKING:
    from ibconsole.services.messages.message_reader import FullReader, MessageReader

_CHUNK = 1 << 20


def export_file(
    opener: "Callable[[], FullReader]",
    target: Path,
    options: ExportOptions,
    on_progress: ProgressCallback,
    *,
    replace: bool = False,
) -> ExportSummary:
    """Export to a file, 0600, that appears only when it is complete.

    Replaces an existing file only with `replace`, and only a regular one. Raises ExportFailed,
    ArchiveError.
    """
    with closing(opener()) as reader, new_file(target, replace=replace) as file:
        export = Export(reader, options)
        export.write(file, on_progress)
        return export.summary


def save_body(
    opener: "Callable[[], MessageReader]",
    delivery: int,
    target: Path,
    on_progress: ProgressCallback,
    *,
    raw: bool,
    policy: PolicyInForce | None = None,
) -> int:
    """Write a delivery's body, or its raw request, to a file; return its size in bytes.

    Replaces an existing file, which the user has confirmed. Raises ExportFailed, ArchiveError, and
    NotPermitted as `Export` does: bytes as they were received have readable codes.
    """
    found = policy or find_policy()
    found.require(*RAW_EXPORT)
    found.codes.require("Saving the bytes, which may contain application codes,")
    done = 0
    with closing(opener()) as reader, new_file(target, replace=True) as file:
        while (chunk := reader.slice(delivery, done, _CHUNK, raw=raw)).data:
            file.write(chunk.data)
            done += len(chunk.data)
            on_progress(Progress("Saving", done, chunk.total))
    return done


@contextmanager
def new_file(target: Path, *, replace: bool) -> Iterator[BinaryIO]:
    """Open a file for writing that gets its name only when it is complete."""
    with ExitStack() as stack:
        with translated(target):
            if not replace:
                require_absent(target)
            final = replaceable(target)
            draft = stack.enter_context(draft_file(final))
        try:
            with draft.open("wb") as file:
                yield file
        except OSError as error:
            raise ExportFailed(
                f"{target} could not be written completely: {error.strerror or error}."
                " It was removed; the archive is unharmed."
            ) from error
        with translated(target):
            publish_draft(draft, final, replace=replace)
