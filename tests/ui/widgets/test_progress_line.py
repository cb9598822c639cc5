from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.progress_line import ProgressLine


def test_progress_moves_only_while_visible(theme: Theme, qtbot: QtBot) -> None:
    """A hidden progress line uses no processor time, a visible one at most 10 updates/s."""
    line = ProgressLine(theme)
    qtbot.addWidget(line)
    line.set_busy(on=True)
    assert not line._timer.isActive()

    line.show()
    assert line._timer.isActive()
    assert line._timer.interval() >= 100

    line.set_busy(on=False)
    assert not line._timer.isActive()
