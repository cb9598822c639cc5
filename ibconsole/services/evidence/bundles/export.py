"""Export of a case as one bundle, a folder or a zip file, and what redaction will replace in it.

Everything blocks: call it on a thread. Nothing is written if any known secret is in the bundle.
"""

import io
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec

from ibconsole.archive import ProgressCallback
from ibconsole.files import require_absent
from ibconsole.model import encode
from ibconsole.plural import counted
from ibconsole.services.evidence.bundles.case_redaction import (
    CaseFiles,
    ExportChoices,
    Keep,
    RedactedCase,
    forget_bytes,
    ignore_progress,
    redact_case,
)
from ibconsole.services.evidence.bundles.document import BlobFile, CaseDocument
from ibconsole.services.evidence.bundles.draft import (
    BundleDraft,
    bundle_draft,
    publish_folder,
    publish_zip,
)
from ibconsole.services.evidence.bundles.har_entries import write_har
from ibconsole.services.evidence.bundles.markdown import write_markdown
from ibconsole.services.evidence.bundles.page import write_page
from ibconsole.services.evidence.cases import (
    Blob,
    Case,
    CaseError,
    CaseStore,
    PictureContent,
    encode_case,
)
from ibconsole.services.evidence.redaction import KnownSecrets, Leak, Replacement, scan
from ibconsole.services.protection import PolicyInForce, find_policy

_NOT_EXPORTED = "Nothing was exported."


class BundleFailed(CaseError):
    """A bundle cannot be written."""


class SecretFound(BundleFailed):
    """A secret, or something that cannot be searched for one, was in the bundle; it was removed."""

    def __init__(self, sentence: str, leaks: Sequence[Leak]) -> None:
        super().__init__(sentence)
        self.leaks = leaks


class SecretsUnknown(BundleFailed):
    """A secret could not be read, so that the bundle cannot be searched for it."""


class ExportPreview(msgspec.Struct, frozen=True):
    """The replacements of an export, in the order of the items.

    `markdown` is `case.md` as it will be. `remarks` are sentences on what is left out or is not
    searched for.
    """

    replacements: Sequence[Replacement]
    markdown: str
    remarks: Sequence[str] = ()

    @property
    def counts(self) -> Mapping[str, int]:
        """The number of replacements by their kind."""
        found: Counter[str] = Counter()
        for one in self.replacements:
            found[one.kind] += one.count
        return found


class ExportedBundle(msgspec.Struct, frozen=True):
    """A written bundle: its path, and its Markdown, to be pasted into a ticket."""

    path: Path
    markdown: str
    replacements: Sequence[Replacement]
    remarks: Sequence[str] = ()


class CaseExport:
    """Exports cases of a store. `secrets` are all that must not leave, see `gather_secrets`.

    `on_progress` is called often; an exception that it raises ends the export, of which nothing is
    left then.
    """

    def __init__(
        self,
        store: CaseStore,
        secrets: KnownSecrets,
        policy: Callable[[], PolicyInForce] = find_policy,
        on_progress: ProgressCallback = ignore_progress,
    ) -> None:
        self._policy = policy
        self._on_progress = on_progress
        self._store = store
        self._secrets = secrets

    def preview(self, case_id: str, choices: ExportChoices) -> ExportPreview:
        """Return what an export will replace, and its Markdown. Raises CaseError."""
        kept: dict[str, BlobFile] = {}

        def keep(place: str, data: bytes, media_type: str) -> Blob:
            blob = forget_bytes(place, data, media_type)
            kept.setdefault(blob.sha256, BlobFile(place, data))
            return blob

        redacted = self._redact(self._store.read(case_id), keep, choices)
        document = CaseDocument(redacted.case, lambda blob: kept.get(blob.sha256))
        return ExportPreview(
            redacted.replacements,
            "".join(write_markdown(document)),
            self._remarks(redacted.case, choices),
        )

    def export(
        self,
        case_id: str,
        target: Path,
        choices: ExportChoices,
        *,
        replace: bool = False,
        accept_unknown: bool = False,
    ) -> ExportedBundle:
        """Write a zip file if the target ends in `.zip`, else a folder, which must not exist.

        With `replace` an existing zip file is replaced. With `accept_unknown` secrets that the
        keyring did not give are not searched for. Raises SecretFound, SecretsUnknown, BundleFailed
        and CaseError; nothing is left of the target then. Raises NotPermitted if the
        administrator's policy keeps bodies on this computer.
        """
        if choices.raw:
            self._policy().require("forbid_raw_exports", "An export with the bytes of bodies")
        if self._secrets.problems and not accept_unknown:
            raise SecretsUnknown(f"{self._secrets.problems[0]} {_NOT_EXPORTED}")
        case = self._store.read(case_id)
        target = Path(os.path.abspath(target))  # noqa: PTH100 nothing is resolved
        is_zip = target.suffix.lower() == ".zip"
        try:
            if not (replace and is_zip):
                require_absent(target)
            with bundle_draft(target) as draft:
                redacted, markdown = self._write(case, draft, choices)
                self._publish(draft, target, case.changed_at, redacted, replace=replace)
        except FileExistsError:
            raise BundleFailed(
                f"{target} exists already, and was not changed. {_NOT_EXPORTED}"
            ) from None
        except OSError as error:
            raise BundleFailed(
                f"The bundle could not be written to {target} ({error.strerror or error})."
                " Nothing is left of it; the case is unharmed."
            ) from error
        remarks = self._remarks(redacted.case, choices)
        return ExportedBundle(target, markdown, redacted.replacements, remarks)

    def _redact(self, case: Case, keep: Keep, choices: ExportChoices) -> RedactedCase:
        files = CaseFiles(partial(self._store.read_blob, case.id), keep)
        with self._store.pseudonyms(case.id) as pseudonyms:
            return redact_case(case, files, choices, pseudonyms, self._secrets, self._on_progress)

    def _write(
        self, case: Case, draft: BundleDraft, choices: ExportChoices
    ) -> tuple[RedactedCase, str]:
        """Write all files of the bundle; return its Markdown as well."""
        redacted = self._redact(case, draft.keep, choices)
        document = CaseDocument(redacted.case, draft.find)
        markdown = "".join(write_markdown(document))
        draft.add("case.json", [encode_case(redacted.case)])
        draft.add("case.md", [markdown.encode("utf-8", "replace")])
        draft.add("case.html", (piece.encode("utf-8", "replace") for piece in write_page(document)))
        draft.add("case.har", [write_har(redacted.case, draft.find)])
        draft.finish(case.id, case.changed_at)
        return redacted, markdown

    def _publish(
        self, draft: BundleDraft, target: Path, at: int, redacted: RedactedCase, *, replace: bool
    ) -> None:
        # Files of items first: their names have the number of the item.
        leaks = sorted(
            draft.scan(redacted.guarded, self._on_progress),
            key=lambda one: not one.name.startswith("raw/"),
        )
        if not leaks and target.suffix.lower() == ".zip":
            leaks = publish_zip(draft, target, redacted.guarded, at, replace=replace)
        elif not leaks:
            publish_folder(draft, target)
        if leaks:
            raise SecretFound(f"{_where(redacted)}{leaks[0].sentence} {_NOT_EXPORTED}", leaks)

    def _remarks(self, case: Case, choices: ExportChoices) -> Sequence[str]:
        remarks = list(self._secrets.problems)
        pictures = sum(isinstance(one.content, PictureContent) for one in case.items)
        if pictures and choices.pictures:
            remarks.append(
                f"{counted(pictures, 'picture')} may show anything: nothing in them is redacted."
            )
        elif pictures:
            remarks.append(
                f"{counted(pictures, 'picture')} will be left out: nothing in a picture can be"
                " redacted."
            )
        short = len(self._secrets.too_short)
        if short:
            remarks.append(f"{counted(short, 'secret')} is too short to be searched for.")
        return remarks


def _where(redacted: RedactedCase) -> str:
    """Return the beginning of a sentence that names the item with a secret in a text of it."""
    for number, one in enumerate(redacted.case.items, start=1):
        text = io.BytesIO(encode(msgspec.to_builtins(one)))
        if scan([("", text)], redacted.guarded):
            return f"In item {number} of the case: "
    return ""
