"""The answers of the listener as the window sets them, and its scenario files."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from ibconsole.errors import UserError
from ibconsole.files import save
from ibconsole.services.answer_files import (
    LARGEST,
    AnswerScenario,
    borrows_from_customer,
    read_answer_file,
    repetition_warning,
    write_answer_file,
)
from ibconsole.services.connections import Connection, Environment, SettingsFile
from ibconsole.services.console.console import Console
from ibconsole.services.documents import FileFormat
from ibconsole.services.runtime import ConnectionStatus, Engine


class AnswerFileUnusable(UserError):
    """A scenario file cannot be read or written."""


class RemoteAnswers:
    """Sets the answers of the listener, and reads and writes scenario files, on other threads."""

    def __init__(self, engine: Engine, console: Console) -> None:
        self._engine = engine
        self._console = console

    async def warning(self, scenario: AnswerScenario) -> str:
        """Return what the rules would do to a customer's messages; "" if nothing to any.

        Raises SettingsError if the saved connections cannot be read.
        """
        path = self._console.paths.settings
        loaded = await asyncio.to_thread(SettingsFile(path).load)
        status = self._console.status
        known = _with_current(loaded.settings.connections, status.connection)
        borrows = borrows_from_customer(status.leases, known)
        return repetition_warning(scenario, known, borrows=borrows)

    async def set_answers(self, scenario: AnswerScenario | None) -> None:
        """Answer by these rules from now on, None as usual. Raises InvalidScenario."""

        async def set_answers() -> None:
            self._console.set_answers(scenario)

        await self._engine.call(set_answers)

    async def read_file(self, path: Path) -> AnswerScenario:
        """Return the scenario of a file. Raises AnswerFileUnusable or InvalidDocument."""
        return await asyncio.to_thread(_read, path)

    async def write_file(self, path: Path, scenario: AnswerScenario) -> None:
        """Write a scenario file, in JSON if it is named so. Raises AnswerFileUnusable.

        A regular file is replaced, which the user has confirmed.
        """
        is_json = path.suffix.lower() == ".json"
        data = write_answer_file(scenario, FileFormat.JSON if is_json else FileFormat.YAML)
        try:
            await asyncio.to_thread(save, path, data)
        except OSError as error:
            raise AnswerFileUnusable(f"{path} cannot be written: {error.strerror}.") from error


def _read(path: Path) -> AnswerScenario:
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise AnswerFileUnusable(f"{path} cannot be read: {error.strerror}.") from error
    return read_answer_file(data, path.name)


def _with_current(saved: Sequence[Connection], current: ConnectionStatus) -> Sequence[Connection]:
    """Return the saved connections, and the one that is open if it is not saved."""
    if not current.base_url or current.id in {one.id for one in saved}:
        return saved
    environments = {one.value: one for one in Environment}
    environment = environments.get(current.environment, Environment.TEST)
    label = current.name or current.base_url
    return [*saved, Connection(current.id, label, current.base_url, environment=environment)]
