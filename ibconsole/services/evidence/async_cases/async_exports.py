"""Exports of cases as the window awaits them: the secrets are gathered, and a thread does the rest.

An export that is not awaited any more leaves nothing behind.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from ibconsole.services.connections import Account, NoSecret, Settings, TeamAccess
from ibconsole.services.evidence.bundles import (
    CaseExport,
    ExportChoices,
    ExportedBundle,
    ExportPreview,
)
from ibconsole.services.evidence.cases import CaseStore
from ibconsole.services.evidence.redaction import KnownSecrets
from ibconsole.services.messages import ProgressCallback, run_in_worker
from ibconsole.services.protection import PolicyInForce, find_policy

_LONGEST_NAME = 60  # characters of a title in the name of a file
_NO_NAME = re.compile(r"[^\w.-]+")
# Names that Windows gives to devices, whatever their ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)

# Reads every secret that must not leave the console.
SecretGatherer = Callable[[], Awaitable[KnownSecrets]]


class NoSavedAccounts:
    """The saved connections where there are none, as in the demo."""

    async def load(self) -> Settings:
        """Return settings without a connection."""
        return Settings()

    async def load_account(self, uuid: str) -> Account:
        """Raise NoSecret."""
        raise NoSecret(f"There is no connection {uuid} here.")

    async def team_accesses(self) -> Mapping[str, TeamAccess]:
        """Return none."""
        return {}


class AsyncExports:
    """Previews and exports cases. Every method raises CaseError, and what `gather` raises.

    What was gathered for a preview serves the next ones of this case, until the next export.
    `on_progress` is called on the loop, at most ten times a second. `policy` returns that of the
    administrator.
    """

    def __init__(
        self,
        store: CaseStore,
        gather: SecretGatherer,
        policy: Callable[[], PolicyInForce] = find_policy,
    ) -> None:
        self._store = store
        self._gather = gather
        self._policy = policy
        self._gathered: tuple[str, KnownSecrets] | None = None

    async def preview(
        self, case_id: str, choices: ExportChoices, on_progress: ProgressCallback
    ) -> ExportPreview:
        """Return what an export will replace, and its Markdown."""
        if self._gathered is None or self._gathered[0] != case_id:
            self._gathered = (case_id, await self._gather())
        secrets = self._gathered[1]
        return await run_in_worker(
            lambda report: self._export(secrets, report).preview(case_id, choices), on_progress
        )

    async def export(
        self,
        case_id: str,
        target: Path,
        choices: ExportChoices,
        on_progress: ProgressCallback,
        *,
        accept_unknown: bool = False,
    ) -> ExportedBundle:
        """Write a bundle: a zip file if the target ends in `.zip`, else a folder.

        See `CaseExport.export` for the errors.
        """
        self._gathered = None
        secrets = await self._gather()
        return await run_in_worker(
            lambda report: self._export(secrets, report).export(
                case_id, target, choices, accept_unknown=accept_unknown
            ),
            on_progress,
        )

    async def suggest(self, folder: Path, title: str, suffix: str) -> Path:
        """Return a path in a folder that is named after a case, and that does not exist yet."""
        return await asyncio.to_thread(_free_path, folder, title, suffix)

    def _export(self, secrets: KnownSecrets, report: ProgressCallback) -> CaseExport:
        return CaseExport(self._store, secrets, self._policy, report)


def _free_path(folder: Path, title: str, suffix: str) -> Path:
    name = _NO_NAME.sub("-", title)[:_LONGEST_NAME].strip("-.") or "case"
    name = f"case-{name}" if _DEVICES.fullmatch(name) else name
    path, number = folder / f"{name}{suffix}", 1
    while path.exists() or path.is_symlink():
        number += 1
        path = folder / f"{name}-{number}{suffix}"
    return path
