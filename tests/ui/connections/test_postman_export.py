"""Saving the platform's calls for Postman."""

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMainWindow

from ibconsole.errors import Severity
from ibconsole.services.connections import Connection, new_id
from ibconsole.ui.connections.postman_export import CollectionNotSaved, PostmanExport
from ibconsole.ui.toolkit.tasks import UiTasks

ACME = Connection(id=new_id(), name="Acme", base_url="https://acme.api.example")


async def test_a_collection_is_saved(
    plain_window: QMainWindow, tasks: UiTasks, tmp_path: Path
) -> None:
    """The collection of the open connection is written to the chosen file, and it is said."""
    export = PostmanExport(lambda: ACME, tasks, plain_window)
    notices: list[tuple[Severity, str]] = []
    export.notice_raised.connect(lambda *notice: notices.append(notice))
    target = tmp_path / "acme.json"

    export.export.trigger()
    [dialog] = plain_window.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(target))
    dialog.reject()
    await tasks.settled()

    assert "Acme" in json.loads(target.read_bytes())["info"]["name"]
    assert notices == [
        (Severity.OK, f"The collection is {target}. There is no secret in it."),
    ]
    with pytest.raises(CollectionNotSaved, match="could not be written"):
        await export.write(ACME, tmp_path / "no" / "x.json")


async def test_without_a_connection(plain_window: QMainWindow, tasks: UiTasks) -> None:
    """Without a saved connection the command says why it is disabled."""
    export = PostmanExport(lambda: None, tasks, plain_window)

    assert export.export.disabled_reason == "No saved connection is open."
