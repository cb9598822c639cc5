"""The setup of the current connection as a file for the window: exported, applied and cloned."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from ibconsole.errors import UserError
from ibconsole.files import save
from ibconsole.lazy import LazyModule
from ibconsole.model import Application
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote_plans import RemotePlans, on_this_loop
from ibconsole.services.documents import LARGEST, FileFormat
from ibconsole.services.request_log import request_purpose
from ibconsole.services.runtime import Engine
from ibconsole.text import mask_code

if TYPE_CHECKING:
    from ibconsole.services import setup
    from ibconsole.services.setup import applying, files, plans
else:  # loaded when a file is applied or exported first
    setup = LazyModule("ibconsole.services.setup")
    applying = LazyModule("ibconsole.services.setup.applying")
    files = LazyModule("ibconsole.services.setup.files")
    plans = LazyModule("ibconsole.services.setup.plans")

# Called with the number of applications that were read, and that of all.
OnRead = Callable[[int, int], object]


class SetupFileUnusable(UserError):
    """A setup file cannot be read or written."""


class SetupExport(msgspec.Struct, frozen=True):
    """The file of an export, and its parts; `codes` are those of the applications, () for all."""

    path: Path
    codes: Collection[str] = ()
    masks_queries: bool = False


class FileRequest(msgspec.Struct, frozen=True):
    """A file to apply, and the rules by which it is changed first, each `OLD=NEW`."""

    path: Path
    names: Sequence[str] = ()
    texts: Sequence[str] = ()


class RemoteSetupFiles:
    """Exports the setup of the current connection, and plans files and clones for it.

    `plans` carries out its plans too, and remembers what was applied.
    """

    def __init__(self, engine: Engine, console: Console, remote: RemotePlans) -> None:
        self._engine = engine
        self._console = console
        self._remote = remote

    async def export(self, wanted: SetupExport, on_read: OnRead) -> int:
        """Write a setup file, in JSON if it is named so; return the number of applications.

        A regular file is replaced, which the user has confirmed. Raises SetupFileUnusable, or an
        error of the account.
        """
        hand_over = on_this_loop(on_read)
        with request_purpose("Export the setup"):
            return await self._engine.call(self._export, wanted, hand_over)

    async def plan_file(self, request: FileRequest, on_read: OnRead) -> "plans.Plan":
        """Read a file, and plan to apply it, deletions included; they are for the user to choose.

        Raises SetupFileUnusable, InvalidDocument, BadRule, or an error of the account.
        """
        hand_over = on_this_loop(on_read)
        with request_purpose("Apply a setup file: read the setup"):
            return await self._engine.call(self._plan_file, request, hand_over)

    async def plan_clone(self, origin: Application, target: Application) -> "plans.Plan":
        """Plan to give an application the actions of another one, as `plan_file` does."""
        with request_purpose("Clone a setup: read the setup"):
            return await self._engine.call(self._plan_clone, origin, target)

    async def _export(self, wanted: SetupExport, on_read: OnRead) -> int:
        console = self._console
        platform = console.platform
        listed = await platform.applications()
        chosen = [one for one in listed if one.code and one.code in (wanted.codes or {one.code})]
        routes = await setup.read_routes(platform, chosen, on_read)
        options = files.SetupExportOptions(
            credential=console.account.credential.secret,
            shown_codes=console.protection.policy().codes,
            masks_queries=wanted.masks_queries,
        )
        found = files.wanted_setup([(one, routes[one.code]) for one in chosen], listed, options)
        is_json = wanted.path.suffix.lower() == ".json"
        file_format = FileFormat.JSON if is_json else FileFormat.YAML
        data = await asyncio.to_thread(files.write_setup_file, found, file_format)
        try:
            await asyncio.to_thread(save, wanted.path, data)
        except OSError as error:
            raise SetupFileUnusable(
                f"{wanted.path} cannot be written: {error.strerror}. The account is unchanged."
            ) from error
        return len(found)

    async def _plan_file(self, request: FileRequest, on_read: OnRead) -> "plans.Plan":
        transformed = await asyncio.to_thread(_read_file, request)
        planned = await self._applier.plan(
            transformed.file, title=f"Apply {request.path.name}", prune=True, on_progress=on_read
        )
        unused = [f"The rule “{label}” found nothing in the file." for label in transformed.unused]
        plan = replace(planned.plan, notes=(*unused, *planned.plan.notes))
        return self._remote.keep(replace(planned, plan=plan))

    async def _plan_clone(self, origin: Application, target: Application) -> "plans.Plan":
        route = await setup.read_route(self._console.platform, origin.code)
        title = f"Clone {_name_of(origin)} to {_name_of(target)}"
        file = applying.wanted_clone(route, target, title)
        kind = plans.PlanKind.CLONE
        return self._remote.keep(await self._applier.plan(file, title=title, kind=kind, prune=True))

    @property
    def _applier(self) -> "applying.SetupApplier":
        console = self._console
        return applying.SetupApplier(console.account, console.platform, console.paths)


def _read_file(request: FileRequest) -> "applying.Transformed":
    try:
        with request.path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise SetupFileUnusable(
            f"{request.path} cannot be read: {error.strerror}. Nothing was sent."
        ) from error
    rules = applying.SetupRules(
        dict(map(applying.parse_mapping, request.names)),
        tuple(map(applying.parse_substitution, request.texts)),
    )
    return applying.transform(files.read_setup_file(data, request.path.name), rules)


def _name_of(application: Application) -> str:
    return application.name or mask_code(application.code)
