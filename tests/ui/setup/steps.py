"""Steps that the tests of the setup panes share: select, read, press."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.widgets.pane_frame import PaneFrame


def cells(pane: PaneFrame, column: int = 0) -> list[str]:
    """Return the texts of a column, from top to bottom."""
    model = pane.table.model()  # type: ignore[attr-defined]
    return [model.index(row, column).data() for row in range(model.rowCount())]


def select_application(panes: SetupPanes, name: str) -> None:
    """Select the application of that name."""
    table = panes.applications_pane.table
    table.selectRow(cells(panes.applications_pane).index(name))


def banner(pane: PaneFrame) -> str:
    """Return the notice of the pane, or else its last toast; empty if there is none."""
    return pane.banner.text.text() if pane.banner.isVisible() else str(pane.property("toast") or "")


def click(qtbot: QtBot, button: QPushButton) -> None:
    """Press a button with the mouse."""
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
