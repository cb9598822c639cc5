"""The tab Audit over a real archive."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.archive import AuditEntry, append_audit
from ibconsole.archive.archive import Archive
from ibconsole.services.audit import AsyncAudit, AuditCall
from ibconsole.ui.audit.pane import AuditPane
from ibconsole.ui.audit.presenter import AuditPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import Theme

if TYPE_CHECKING:
    # Importing it before pytest-qt has chosen its binding fails.
    from pytestqt.modeltest import ModelTester

CODE = "0123456789abcdef0123456789abcdef"
ACTIONS = f"/push/1/applications/{CODE}/configurations/c/actions"
CREATE = (
    '{"user": "anna", "host": "desk", "account": "Acme", "kind": "change", "method": "POST",'
    f' "path": "{ACTIONS}", "reason": "ticket 7", "place": "Create action",'
    ' "after": "{\\"type\\": \\"PULL\\"}"}'
)
PULL = (
    '{"user": "ben", "host": "desk", "account": "Bora", "kind": "pull", "method": "GET",'
    ' "path": "/push/1/inbox/reports?limit=1000", "place": "Auto pull"}'
)
WHAT, OUTCOME, REASON = 4, 5, 6


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "archive.sqlite3"
    Archive(path).close()
    return path


@pytest.fixture
async def audit(path: Path) -> AsyncIterator[AsyncAudit]:
    audit = AsyncAudit(path)
    yield audit
    await audit.close()


@pytest.fixture
def names() -> ApplicationNames:
    return ApplicationNames()


@pytest.fixture
async def pane(names: ApplicationNames, theme: Theme, qtbot: QtBot) -> AuditPane:
    pane = AuditPane(names, theme)
    qtbot.addWidget(pane)
    pane.resize(1200, 400)
    return pane


@pytest.fixture
async def presenter(
    pane: AuditPane, audit: AsyncAudit, tasks: UiTasks, qtmodeltester: "ModelTester"
) -> AuditPresenter:
    qtmodeltester.check(pane.model)
    return AuditPresenter(pane, audit, tasks, typing=0.0)


def create(path: Path, *, ended: bool = True) -> int:
    """Record the creation of an action; return its row."""
    number = append_audit(path, AuditEntry("a", CODE, CREATE))
    if ended:
        append_audit(path, AuditEntry("", "", '{"state": "done", "status": 201}', number))
    return number


def pull(path: Path) -> int:
    """Record a pull; return its row."""
    number = append_audit(path, AuditEntry("b", "", PULL))
    outcome = '{"state": "refused", "status": 401, "problem": "Not this key."}'
    append_audit(path, AuditEntry("", "", outcome, number))
    return number


def cells(pane: AuditPane, column: int) -> list[str]:
    model = pane.model
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def call(number: int, state: str = "done", *, ended: bool = True) -> AuditCall:
    """Return a call as a list shows it."""
    return AuditCall(
        number, 0, "a", CODE, "anna", "desk", "Acme", "Create action", state, state, "", "", ended
    )
