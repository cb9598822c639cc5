"""The presenter of comparisons of bodies."""

from PySide6.QtWidgets import QMainWindow

from ibconsole.errors import UserError
from ibconsole.services.comparison import (
    ComparedBody,
    RowComparison,
    StoredKind,
    compare_bodies,
)
from ibconsole.ui.comparison.dialog import BodyComparisonDialog
from ibconsole.ui.comparison.presenter import BodyComparisonPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme


class Stored:
    async def compare(self, kind: StoredKind, left: int, right: int) -> RowComparison:
        if kind is StoredKind.DELIVERY:
            raise UserError("There is no delivery 2 in this archive.")
        return compare_bodies(ComparedBody(b"%d" % left), ComparedBody(b"%d" % right))


async def test_what_is_stored_is_compared(
    plain_window: QMainWindow, theme: Theme, tasks: UiTasks
) -> None:
    """A dialog shows two messages, or why two requests cannot be compared."""
    presenter = BodyComparisonPresenter(Stored, tasks, theme, plain_window)

    presenter.compare_messages(1, 2)
    await tasks.settled()
    [shown] = plain_window.findChildren(BodyComparisonDialog)
    assert shown.names == ("Message 1", "Message 2")
    assert shown.view.outcome.text() == "1 value differs."
    shown.refresh.click()
    await tasks.settled()
    shown.close()

    presenter.compare_requests(1, 2)
    await tasks.settled()
    latest = plain_window.findChildren(BodyComparisonDialog)[-1]
    assert "no delivery 2" in latest.view.banner.text.text()
    latest.close()
