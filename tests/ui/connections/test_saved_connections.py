import asyncio

from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.connections.connection_dialog import ConnectionDialog
from ibconsole.ui.connections.connections_dialog import ConnectionsDialog
from ibconsole.ui.connections.remove_dialog import RemoveConnectionDialog
from tests.postgres import TeamDatabase
from tests.ui.connections.harness import Harness


async def remove_selected(harness: Harness) -> ConnectionsDialog:
    """Confirm the removal of the selected connection; return the list."""
    harness.presenter.manage.trigger()
    await harness.settle()
    listed = harness.dialog(ConnectionsDialog)
    listed.table.selectRow(0)
    listed.remove.click()
    await harness.settle()
    harness.dialog(RemoveConnectionDialog).proceed.click()
    await harness.settle()
    return listed


async def test_pages_of_the_connections_take_each_others_place(
    harness: Harness, running: RunningSimulator, qtbot: QtBot
) -> None:
    """Editing and removing are no dialogs above the list; the list comes back after them."""
    await harness.save(running)
    harness.presenter.manage.trigger()
    await harness.settle()
    listed = harness.dialog(ConnectionsDialog)
    listed.table.selectRow(0)
    for button, kind in (
        (listed.edit, ConnectionDialog),
        (listed.remove, RemoveConnectionDialog),
        (listed.add, ConnectionDialog),
    ):
        button.click()
        await harness.settle()
        opened = harness.dialog(kind)
        assert not listed.isVisible()
        opened.reject()
        qtbot.waitUntil(listed.isVisible)
    listed.reject()


async def test_a_session_only_connection_is_removed_without_a_keyring(
    harness: Harness, running: RunningSimulator
) -> None:
    """Its secret was never in the keyring, so the keyring prevents nothing."""
    await harness.save(running, for_session=True)
    harness.keyring.session.clear()
    harness.keyring.refuses = True

    listed = await remove_selected(harness)

    assert harness.names == []
    assert listed.banner.severity == Severity.OK
    assert not listed.banner.action.isVisible()
    listed.reject()


async def test_a_refusing_keyring_can_be_passed_by(
    harness: Harness, running: RunningSimulator
) -> None:
    """A removal that the keyring refuses can leave the secret there, and says where it is."""
    saved = await harness.save(running)
    harness.keyring.refuses = True

    listed = await remove_selected(harness)
    assert harness.names == ["Acme"]
    assert listed.banner.text.text().startswith("Acme was not removed. The keyring is locked")
    listed.banner.action.click()
    await harness.settle()

    assert harness.names == []
    assert saved.id in listed.banner.text.text()
    assert saved.id in harness.keyring.secrets
    listed.reject()


async def test_the_page_of_a_removed_connection_is_left(
    harness: Harness, running: RunningSimulator
) -> None:
    """A connection that failed to open and was then removed is not mentioned any more."""
    await harness.save(running)
    await harness.save(running, name="Beta")
    harness.keyring.refuses = True
    await harness.presenter.start(name="Acme")
    await harness.settle()
    assert harness.page.title.text() == "Acme is not open"
    harness.keyring.refuses = False

    listed = await remove_selected(harness)

    assert harness.names == ["Beta"]
    assert harness.page.title.text() == "No connection"
    listed.reject()


async def test_without_a_dialog_a_result_is_a_notice(
    harness: Harness, running: RunningSimulator
) -> None:
    """The test of the open connection, from the menu, reports its result in the window."""
    await harness.save(running)
    await harness.presenter.start(name="Acme")
    await harness.settle()

    harness.presenter.check.trigger()
    await harness.settle()

    assert harness.notices[-1][0] == Severity.OK
    assert harness.notices[-1][1].startswith("Acme: It works")


async def test_the_team_of_a_saved_connection_is_tested_too(
    harness: Harness, running: RunningSimulator, team: TeamDatabase
) -> None:
    """Its result is a row, or a notice, of its own; a connection without a team has none."""
    address = team.address("reader")
    await harness.save(running, team=address.database, team_account="acme")
    await harness.save(running, name="Beta")
    await harness.presenter.start(name="Acme")
    await harness.settle()
    harness.presenter.check.trigger()
    await harness.settle()
    assert {sentence.partition(" has ")[0] for _, sentence in harness.notices} == {
        "Acme: It works: the account",
        f"Acme: Team: reader is reader of acme in {address.label} and may only read: what is"
        " received here stays on this disk.",
    }

    team.server.stop()
    harness.presenter.manage.trigger()
    await harness.settle()
    listed = harness.dialog(ConnectionsDialog)
    listed.table.selectRow(0)
    listed.check.click()
    await harness.settle()
    assert listed.banner.text.text().startswith("Acme: It works")
    assert listed.team_banner.severity == Severity.DANGER
    listed.table.selectRow(1)
    listed.check.click()
    await harness.settle()

    assert listed.banner.text.text().startswith("Beta: It works")
    assert not listed.team_banner.isVisible()
    listed.reject()


async def test_a_test_of_a_team_is_given_up(
    harness: Harness, running: RunningSimulator, team: TeamDatabase
) -> None:
    """The list can be used while a team's archive gives no answer, and needs not be waited for."""
    address = team.address("reader", tcp=True)
    await harness.save(running, team=address.database, team_account="acme")
    await harness.presenter.start()
    harness.presenter.manage.trigger()
    await harness.settle()
    listed = harness.dialog(ConnectionsDialog)
    listed.table.selectRow(0)

    with team.server.frozen():
        listed.check.click()
        async with asyncio.timeout(20):
            while not listed.check.isEnabled():
                await asyncio.sleep(0.01)
        assert listed.team_banner.isVisible()
        listed.team_banner.action.click()
        await harness.settle()

    assert not listed.team_banner.isVisible()
    listed.reject()
