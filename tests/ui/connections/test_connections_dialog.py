from msgspec.structs import replace

from ibconsole.services.connections.connection import Connection, Environment
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.connections.connection_dialog import ConnectionDialog
from ibconsole.ui.connections.connections_dialog import COLUMNS, ConnectionsDialog
from ibconsole.ui.connections.remove_dialog import RemoveConnectionDialog
from tests.ui.connections.harness import Harness


async def test_connections_are_changed_in_the_list(
    harness: Harness, running: RunningSimulator
) -> None:
    """Connections are duplicated, tested and removed in the dialog, which shows the results."""
    await harness.save(running)
    await harness.presenter.start(name="Acme")
    await harness.settle()
    harness.presenter.manage.trigger()
    await harness.settle()
    dialog = harness.dialog(ConnectionsDialog)

    dialog.duplicate.click()
    await harness.settle()
    assert harness.names == ["Acme", "Acme copy"]
    dialog.check.click()
    await harness.settle()
    assert dialog.banner.text.text().startswith("Acme: It works")
    dialog.remove.click()
    await harness.settle()
    removing = harness.dialog(RemoveConnectionDialog)
    removing.proceed.click()
    await harness.settle()

    assert harness.names == ["Acme copy"]
    assert "Acme was removed" in dialog.banner.text.text()
    assert harness.console.status.connection.name == ""
    dialog.reject()


async def test_a_connection_is_opened_in_another_window(
    harness: Harness, running: RunningSimulator
) -> None:
    """It is offered where there can be several windows; this one stays as it is."""
    saved, requested = await harness.save(running), list[Connection]()
    presenter = harness.presenter
    presenter.window_requested.connect(requested.append)
    for offered in (False, True):
        if offered:
            presenter.offer_window(presenter.add)
        presenter.manage.trigger()
        await harness.settle()
        dialog = harness.dialog(ConnectionsDialog)
        assert dialog.open_in_window.isHidden() is not offered
        dialog.table.selectRow(0)
        dialog.open_in_window.click()
        await harness.settle()

    assert {one.id for one in requested} == {saved.id}
    assert harness.console.status.connection.name == ""


async def test_the_focus_returns_after_a_test(harness: Harness, running: RunningSimulator) -> None:
    """After a connection test the focus is on the button that started it."""
    await harness.save(running)
    harness.presenter.manage.trigger()
    await harness.settle()
    listed = harness.dialog(ConnectionsDialog)
    listed.table.selectRow(0)
    listed.check.setFocus()
    listed.check.click()
    assert not listed.check.isEnabled()
    await harness.settle()
    assert listed.focusWidget() is listed.check

    listed.edit.click()
    dialog = harness.dialog(ConnectionDialog)
    dialog.check.setFocus()
    dialog.check.click()
    await harness.settle()

    assert dialog.focusWidget() is dialog.check
    dialog.reject()
    listed.reject()


def test_the_list_shows_what_is_read_only() -> None:
    """Production is by default; any connection can be by its settings."""
    environment = next(one for one in COLUMNS if one.header == "Environment")
    one = Connection("0b6d6a1e-5c0e-4c60-9f6e-2f1d6f0a7a11", "Acme", "https://x.api.infobip.com")
    production = replace(one, environment=Environment.PRODUCTION)
    shown = [one, replace(one, read_only=True), production, replace(production, read_only=False)]
    assert [environment.text(each) for each in shown] == [
        "Test",
        "Test, read-only",
        "PRODUCTION, read-only",
        "PRODUCTION",
    ]
