"""The presenter of comparisons."""

from collections.abc import Sequence

import pytest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.model.application import Application, read_application
from ibconsole.services.comparison import ComparedValue, RowComparison, Side
from ibconsole.services.console.remote_comparison import ComparableAccount, ComparedApplication
from ibconsole.services.runtime.status import ConnectionStatus, Status
from ibconsole.ui.timeline.compare_dialog import CompareDialog, list_choices
from ibconsole.ui.timeline.compare_presenter import ComparePresenter
from ibconsole.ui.timeline.pane import ComparedPoints
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme

BANK = read_application({"applicationCode": "b", "name": "Bora Bank"})
SHOP = read_application({"applicationCode": "s", "name": "Shop"})
SHOP_PRODUCTION = read_application({"applicationCode": "p", "name": "Shop"})
STATUS = Status(connection=ConnectionStatus("Acme", "http://127.0.0.1:1", id="c"))
FOUND = RowComparison((ComparedValue("Action 1", "type", "PULL", "", Side.LEFT_ONLY),))


class Accounts:
    """Two accounts, the second of which may be out of reach."""

    def __init__(self) -> None:
        self.compared: list[object] = []
        self.error: UserError | None = None

    async def accounts(self) -> Sequence[ComparableAccount]:
        return (ComparableAccount("c", "Acme"), ComparableAccount("d", "Production"))

    async def applications(self, connection: str) -> list[Application]:
        assert connection == "d"
        if self.error:
            raise self.error
        return [SHOP_PRODUCTION, read_application({"applicationCode": "o", "name": "Other"})]

    async def compare(self, left: ComparedApplication, right: ComparedApplication) -> RowComparison:
        self.compared.append((left, right))
        if self.error:
            raise self.error
        return FOUND

    async def compare_points(
        self, connection: str, application: str, left: int, right: int
    ) -> RowComparison:
        self.compared.append((connection, application, left, right))
        return FOUND


@pytest.fixture
def accounts() -> Accounts:
    return Accounts()


@pytest.fixture
def selected() -> list[Application]:
    return [BANK, SHOP]


@pytest.fixture
def presenter(
    accounts: Accounts,
    selected: list[Application],
    plain_window: QMainWindow,
    theme: Theme,
    tasks: UiTasks,
) -> ComparePresenter:
    presenter = ComparePresenter(
        accounts, tasks, theme, plain_window, selected=lambda: selected, listed=lambda: [BANK, SHOP]
    )
    presenter.show_status(STATUS)
    return presenter


def dialog_of(window: QMainWindow) -> CompareDialog:
    [dialog] = window.findChildren(CompareDialog)
    return dialog


async def test_two_selected_applications_are_compared_at_once(
    presenter: ComparePresenter,
    accounts: Accounts,
    plain_window: QMainWindow,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """The command shows the comparison without another question."""
    presenter.compare.trigger()
    await tasks.settled()

    dialog = dialog_of(plain_window)
    qtbot.waitUntil(dialog.table.hasFocus)
    assert accounts.compared == [(ComparedApplication("c", "b"), ComparedApplication("c", "s"))]
    assert dialog.view.outcome.text() == "1 value differs."
    assert dialog.sides[0].account.isVisible()
    dialog.refresh.click()
    await tasks.settled()
    assert len(accounts.compared) == 2
    dialog.close()


async def test_one_selected_application_waits_for_the_other(
    presenter: ComparePresenter,
    accounts: Accounts,
    selected: list[Application],
    plain_window: QMainWindow,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """The focus is where the other application is chosen; nothing is read before."""
    selected.pop()
    presenter.compare.trigger()
    await tasks.settled()

    dialog = dialog_of(plain_window)
    qtbot.waitUntil(dialog.sides[1].application.hasFocus)
    assert accounts.compared == []
    assert dialog.sides[0].chosen == ComparedApplication("c", "b")
    dialog.close()


async def test_the_same_application_of_another_account(
    presenter: ComparePresenter, accounts: Accounts, plain_window: QMainWindow, tasks: UiTasks
) -> None:
    """After the choice of an account its application of the same name is compared."""
    presenter.compare.trigger()
    await tasks.settled()
    dialog = dialog_of(plain_window)
    dialog.sides[0].show_applications(list_choices([BANK, SHOP]), "s")

    dialog.sides[1].account.setCurrentIndex(1)
    dialog.sides[1].account.activated.emit(1)
    await tasks.settled()

    assert accounts.compared[-1] == (ComparedApplication("c", "s"), ComparedApplication("d", "p"))
    assert dialog.sides[1].name == "Shop · Production"

    dialog.sides[1].account.setCurrentIndex(0)
    dialog.sides[1].account.activated.emit(0)
    await tasks.settled()
    assert dialog.sides[1].chosen == ComparedApplication("c", "s")
    assert dialog.sides[1].application.count() == 2
    dialog.close()


async def test_an_account_out_of_reach_is_said(
    presenter: ComparePresenter, accounts: Accounts, plain_window: QMainWindow, tasks: UiTasks
) -> None:
    """The dialog stays open with the sentence, and another account can be chosen."""
    accounts.error = UserError("The account cannot be reached.")
    presenter.compare.trigger()
    await tasks.settled()
    dialog = dialog_of(plain_window)
    assert "cannot be reached" in dialog.banner.text.text()

    dialog.sides[1].account.setCurrentIndex(1)
    dialog.sides[1].account.activated.emit(1)
    await tasks.settled()

    assert "cannot be reached" in dialog.banner.text.text()
    assert dialog.table.total == 0
    dialog.close()


async def test_two_times_are_compared(
    presenter: ComparePresenter, accounts: Accounts, plain_window: QMainWindow, tasks: UiTasks
) -> None:
    """The recorded setups of both times are compared, without a request."""
    presenter.compare_points(accounts, BANK, ComparedPoints(1, 2, "Before", "After"))
    await tasks.settled()

    dialog = dialog_of(plain_window)
    assert accounts.compared == [("c", "b", 1, 2)]
    assert dialog.sides[1].name == "After"
    dialog.close()


async def test_a_closed_dialog_ends_its_reads(
    presenter: ComparePresenter, accounts: Accounts, plain_window: QMainWindow, tasks: UiTasks
) -> None:
    """Closing the dialog while it reads is no error."""
    presenter.compare.trigger()
    dialog_of(plain_window).reject()
    await tasks.settled()

    assert not tasks.running("compare setups")
    presenter.show_status(Status())
    assert presenter.compare.disabled_reason
