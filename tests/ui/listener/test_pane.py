"""What the pane of the listener shows."""

from pytestqt.qtbot import QtBot

from ibconsole.services.runtime.status import ListenerState, ListenerStatus, Status
from ibconsole.ui.listener.pane import ListenerPane
from ibconsole.ui.listener.presenter import ListenerPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.listener.conftest import URL, MadeUpArchive, status
from tests.ui.made_up import RECEIVED


async def test_open_listener_shows_a_warning(
    pane: ListenerPane, presenter: ListenerPresenter
) -> None:
    """The warning about an open listener cannot be closed, and ends with the listener."""
    opened = ListenerStatus(ListenerState.LISTENING, url=URL, reachable_at="192.168.1.5")
    presenter.show_status(Status(listener=opened))
    assert not pane.exposure_banner.isHidden()
    assert pane.exposure_banner.close_button.isHidden()
    assert "192.168.1.5" in pane.exposure_banner.text.text()
    assert pane.state_text.text().endswith(", open to the network")

    presenter.show_status(status())
    assert pane.exposure_banner.isHidden()


def test_no_start_without_an_address(pane: ListenerPane) -> None:
    """The listener can be started only on a valid IP address."""
    pane.address.kind.setCurrentText("One address…")
    assert not pane.start.isEnabled()
    assert pane.start_command.disabled_reason == "The text is not an IP address."

    pane.address.address.setText("192.168.1.5")
    assert pane.start.isEnabled()


async def test_starting_listener(pane: ListenerPane, presenter: ListenerPresenter) -> None:
    """A starting listener can be neither started nor stopped."""
    presenter.show_status(status(ListenerState.STARTING))

    assert not pane.start.isEnabled()
    assert pane.state_text.text() == "Listener starting"


async def test_forward_url(pane: ListenerPane, presenter: ListenerPresenter) -> None:
    """The forward URL can be copied while the listener is running."""
    presenter.show_status(status(ListenerState.LISTENING))
    assert (pane.url.isHidden(), pane.url.value) == (False, URL)

    presenter.show_status(status())
    assert (pane.url.isHidden(), pane.url.value) == (True, "")


async def test_empty_list(pane: ListenerPane, presenter: ListenerPresenter, tasks: UiTasks) -> None:
    """An empty list explains why nothing arrived, or what is needed for it."""
    presenter.show_status(status())
    assert "nothing can arrive" in pane.page.notice.sentence.text()

    presenter.show_status(status(ListenerState.LISTENING))
    assert "a tunnel" in pane.page.notice.sentence.text()
    await tasks.settled()


async def test_request_is_selected(
    pane: ListenerPane,
    presenter: ListenerPresenter,
    archive: MadeUpArchive,
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


async def test_ages_are_updated_only_in_sight(
    pane: ListenerPane, presenter: ListenerPresenter, qtbot: QtBot
) -> None:
    """A hidden pane runs no timer."""
    assert not pane._age_timer.isActive()
    with qtbot.waitExposed(pane):
        pane.show()
    assert pane._age_timer.isActive()
    pane.hide()
    assert not pane._age_timer.isActive()


def test_quiet_listener(pane: ListenerPane) -> None:
    """A listener that received nothing for long is not called live."""
    old = ListenerStatus(
        ListenerState.LISTENING, url=URL, since=RECEIVED, last_at=RECEIVED, received=1
    )
    pane.show_status(old)

    assert pane.state_text.text().startswith("Listener quiet for ")
