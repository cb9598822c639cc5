"""The list of requests is filtered, copied and followed."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.services.request_log.log import ActivityLog
from ibconsole.ui.activity.pane import ActivityPane
from ibconsole.ui.activity.presenter import ActivityPresenter
from tests.ui.activity.conftest import PATH, STATUS, cells, code_in, entry, fill


async def test_codes_are_masked_by_default(
    pane: ActivityPane, presenter: ActivityPresenter, log: ActivityLog
) -> None:
    """Application codes, which are credentials, are masked until the user shows them."""
    code = code_in(log)
    assert len(code) > 8
    assert not any(code in path for path in cells(pane, PATH))

    pane.show_codes.trigger()

    assert any(code in path for path in cells(pane, PATH))


async def test_filtering(pane: ActivityPane, presenter: ActivityPresenter) -> None:
    """The list can be filtered by words and by failure, and unfiltered again."""
    pane.toolbar.search.setText("test configurations")
    assert cells(pane, STATUS) == ["200"]

    pane.toolbar.search.clear()
    pane.only_failures.trigger()
    assert cells(pane, STATUS) == ["401"]

    pane.toolbar.search.setText("zebra")
    assert pane.notice.isVisible()

    pane.notice.action_requested.emit()
    assert pane.model.rowCount() == 3


async def test_copying_a_row(
    pane: ActivityPane, presenter: ActivityPresenter, qtbot: QtBot
) -> None:
    """Ctrl+C copies the row as it is shown."""
    pane.table.selectRow(0)
    qtbot.keyClick(pane.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    copied = QGuiApplication.clipboard().text().split("\t")
    assert {"401", "GET"} <= set(copied)


async def test_rows_do_not_jump(pane: ActivityPane, presenter: ActivityPresenter) -> None:
    """New requests move neither selection nor scroll position, unless they are followed."""
    log = fill(presenter, 100)
    pane.table.verticalScrollBar().setValue(260)
    pane.table.setCurrentIndex(pane.model.index(12, 0))
    selected, top = pane.entry, pane.table.indexAt(pane.table.viewport().rect().topLeft()).row()

    log.add(entry())
    presenter.poll()

    assert pane.entry is selected
    assert pane.table.indexAt(pane.table.viewport().rect().topLeft()).row() == top + 1

    pane.follow.trigger()
    log.add(entry())
    presenter.poll()

    assert pane.table.verticalScrollBar().value() == 0


async def test_controls_have_names(pane: ActivityPane) -> None:
    """Every control of the tab has a name for screen readers."""
    controls: list[Callable[[], str]] = [
        pane.table.accessibleName,
        pane.toolbar.search.accessibleName,
        pane.toolbar.codes.accessibleName,
        pane.toolbar.clear.accessibleName,
        pane.details.tabs.accessibleName,
    ]

    assert all(name() for name in controls)
