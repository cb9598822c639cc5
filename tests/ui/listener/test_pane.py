"""What the pane of the listener shows."""

from array import array

from PySide6.QtCore import QItemSelectionModel
from pytestqt.qtbot import QtBot

from ibconsole.services.runtime.status import (
    AnswersStatus,
    ArchiveStatus,
    ListenerState,
    ListenerStatus,
    RefusalReason,
    Status,
)
from ibconsole.ui.listener.pane import ListenerPane
from ibconsole.ui.listener.presenter import ListenerPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.listener.conftest import URL, FakeArchive, status


async def test_open_listener_shows_a_warning(
    pane: ListenerPane, presenter: ListenerPresenter
) -> None:
    """The warning about an open listener cannot be closed, and ends with the listener."""
    opened = ListenerStatus(ListenerState.LISTENING, url=URL, reachable_at="192.168.1.5")
    presenter.show_status(Status(listener=opened))
    assert not pane.exposure_banner.isHidden()
    assert pane.exposure_banner.close_button.isHidden()
    assert "192.168.1.5" in pane.exposure_banner.text.text()
    assert pane.toolbar.state_text.text().endswith(", open to the network")

    presenter.show_status(status())
    assert pane.exposure_banner.isHidden()


async def test_refused_requests_are_explained(
    pane: ListenerPane, presenter: ListenerPresenter, tasks: UiTasks
) -> None:
    """Above refused requests stands their number, the reason, and the URL that would be right."""
    listening = ListenerStatus(ListenerState.LISTENING, url=URL)
    refused = ArchiveStatus(refused=31, refusal=RefusalReason.WRONG_PATH)
    presenter.show_status(Status(listener=listening, archive=refused))
    assert pane.refusal_banner.text.text().startswith("31 requests refused: wrong path.")
    assert pane.refusal_banner.action.text() == "Copy the forward URL"
    assert pane.toolbar.state_text.text() == "31 requests refused: wrong path"

    refused = ArchiveStatus(refused=2, refusal=RefusalReason.NOT_UNDERSTOOD)
    presenter.show_status(Status(listener=listening, archive=refused))
    assert "TLS" in pane.refusal_banner.text.text()
    assert pane.refusal_banner.action.isHidden()  # the URL was right

    presenter.show_status(Status(listener=listening, archive=ArchiveStatus(forwarded_at=1)))
    assert pane.refusal_banner.isHidden()
    await tasks.settled()


async def test_empty_list(pane: ListenerPane, presenter: ListenerPresenter, tasks: UiTasks) -> None:
    """An empty list explains why nothing arrived, or what is needed for it."""
    presenter.show_status(status())
    assert "nothing can arrive" in pane.page.notice.sentence.text()
    pane.show_status(ListenerStatus(elsewhere="127.0.0.1:1"))
    assert "listens at 127.0.0.1:1" in pane.page.notice.sentence.text()

    presenter.show_status(status(ListenerState.LISTENING))
    assert "a tunnel" in pane.page.notice.sentence.text()
    await tasks.settled()


async def test_request_is_selected(
    pane: ListenerPane,
    presenter: ListenerPresenter,
    archive: FakeArchive,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """Selecting a request emits its id."""
    archive.newest = 2
    presenter.show_status(status())
    await tasks.settled()

    with qtbot.waitSignal(pane.request_selected) as selected:
        pane.table.selectRow(1)
    assert selected.args == [1]


async def test_two_requests_are_compared(pane: ListenerPane, qtbot: QtBot) -> None:
    """The older of the two selected requests is on the left; one alone cannot be compared."""
    pane.add_requests(array("q", [1, 2, 3]))
    pane.table.selectRow(0)
    assert not pane.compare_command.isEnabled()
    pane.table.selectAll()
    assert not pane.compare_command.isEnabled()
    flags = QItemSelectionModel.SelectionFlag
    pane.table.selectionModel().select(pane.model.index(1, 0), flags.Deselect | flags.Rows)

    with qtbot.waitSignal(pane.compare_requested) as compared:
        pane.compare_command.trigger()

    assert compared.args == [1, 3]


async def test_selected_requests_are_sent_again(pane: ListenerPane, qtbot: QtBot) -> None:
    """The messages of any number of requests can be sent again; without one, the reason is said."""
    pane.add_requests(array("q", [1, 2, 3]))
    none = pane.resend.disabled_reason
    pane.table.selectAll()

    with qtbot.waitSignal(pane.resend_requested) as resent:
        pane.resend.trigger()

    assert none == "No request is selected."
    assert sorted(resent.args[0]) == [1, 2, 3]


async def test_a_stopped_listener_with_rules(pane: ListenerPane) -> None:
    """Nothing claims that 200 will be answered while rules say otherwise."""
    rules = AnswersStatus("slow", 0, None, "slow: status 200 after 30 s")
    pane.show_status(ListenerStatus(answers=rules))
    assert pane.page.notice.sentence.text().endswith("answers by the rules that are set.")

    pane.show_status(ListenerStatus())
    assert pane.page.notice.sentence.text().endswith("answers 200 when the request is on disk.")
