import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ibconsole.services.runtime.status import (
    Alarm,
    AlarmKind,
    ArchiveStatus,
    ConnectionStatus,
    ListenerState,
    ListenerStatus,
    Status,
)
from ibconsole.services.runtime.team_status import TeamLink, TeamStatus
from ibconsole.ui.shell.status_bar import StatusBar
from ibconsole.ui.toolkit.status_text import (
    Indicator,
    StatusText,
)
from ibconsole.ui.toolkit.theme import Theme


@pytest.fixture
def bar(qtbot: QtBot, theme: Theme) -> StatusBar:
    bar = StatusBar(theme)
    qtbot.addWidget(bar)
    return bar


def test_each_source_has_a_state(bar: StatusBar) -> None:
    """Pull and listener have a dot, a text and details; the archive has its size."""
    url = "http://127.0.0.1:8484/inbound"
    bar.show_status(
        Status(
            listener=ListenerStatus(ListenerState.FAILED, url=url, sentence="The port is in use."),
            archive=ArchiveStatus(messages=12_345, path="/archive.db"),
        )
    )

    assert bar.listener.dot.indicator is Indicator.DANGER
    assert bar.listener.label.text() == "Listener failed"
    assert "The port is in use." in bar.listener.toolTip()
    assert bar.pull.accessibleName() == "Pull: Nothing pulled yet"
    assert (bar.url.text(), bar.url.isHidden()) == (url, False)
    assert bar.archive.text() == "12,345 messages"
    assert "Stored in /archive.db" in bar.archive.toolTip()


def test_messages_of_this_disk_are_not_those_of_a_team(bar: StatusBar) -> None:
    """Where a team's messages are listed, the number says that it is about this disk."""
    link = TeamLink("db.example/inbound", "acme", ("u1",))
    archive = ArchiveStatus(messages=1)
    for connection, text in (("u1", "1 message on this disk"), ("u2", "1 message")):
        opened = ConnectionStatus(id=connection)
        bar.show_status(Status(archive=archive, connection=opened, team=TeamStatus((link,))))
        assert bar.archive.text() == text


def test_an_item_is_next_to_the_alarms(bar: StatusBar, qtbot: QtBot, theme: Theme) -> None:
    """What is shown from time to time stands between the sources and the archive."""
    item = QLabel("Shop 14:32")

    bar.add_item(item)
    with qtbot.waitExposed(bar):
        bar.resize(1000, 30)
        bar.show()

    assert bar.url.x() < item.x() < bar.archive.x()


def test_texts_are_plain(bar: StatusBar) -> None:
    """Text that looks like HTML is shown as it is."""
    bar.pull.show_state(StatusText(Indicator.DANGER, "<b>Failed</b>", "<b>x</b>"))

    assert bar.pull.label.textFormat() == Qt.TextFormat.PlainText
    assert "&lt;b&gt;" in bar.pull.toolTip()


def test_ages_are_updated_while_visible(bar: StatusBar, qtbot: QtBot) -> None:
    """The ages are updated only while the bar is visible."""
    assert not bar._age_timer.isActive()
    with qtbot.waitExposed(bar):
        bar.show()
    assert bar._age_timer.isActive()
    bar.hide()
    assert not bar._age_timer.isActive()


def test_the_listener_can_be_clicked(bar: StatusBar, qtbot: QtBot) -> None:
    """A click on the state of the listener asks to show the listener."""
    with qtbot.waitSignal(bar.listener_clicked):
        qtbot.mouseClick(bar.listener, Qt.MouseButton.LeftButton)


def test_alarms(bar: StatusBar, qtbot: QtBot) -> None:
    """Nothing is shown while there is no trouble; else the first alarm, and how many follow."""
    assert bar.alarm.isHidden()
    silence = Alarm(AlarmKind.SILENCE, "c", "No message of R&D for more than 30 min.", 0, 1601)
    bar.show_status(Status(alarms=(silence, replace(silence, application="b"))))

    assert not bar.alarm.isHidden()
    assert bar.alarm.text() == "No message of R&&D for more than 30 min. +1"
    assert bar.alarm.accessibleName().startswith("Watch: No message of R&D")
    assert "Since" in bar.alarm.toolTip()
    with qtbot.waitSignal(bar.alarm_clicked):
        bar.alarm.click()
    bar.show_status(Status())
    assert bar.alarm.isHidden()


def test_a_long_alarm_is_cut(bar: StatusBar) -> None:
    """The window can be as narrow as without an alarm's long sentence, which is in the tooltip."""
    alarm = Alarm(AlarmKind.SOURCE, "c", "It failed, and failed. " * 20, 0, 1505)
    bar.show_status(Status(alarms=(alarm,)))

    assert bar.alarm.sizeHint().width() < 450
    assert bar.alarm.toolTip().count("failed") == 40
