from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ibconsole.ui.widgets.flow_layout import FlowLayout


class Block(QWidget):
    """A widget of a size that no style changes."""

    def sizeHint(self) -> QSize:  # noqa: N802 Qt's name
        return QSize(100, 30)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 Qt's name
        return self.sizeHint()


def make_row(qtbot: QtBot, *, centred: bool = False) -> tuple[QWidget, list[Block]]:
    widget = QWidget()
    qtbot.addWidget(widget)
    layout = FlowLayout(8, centred=centred)
    blocks = [Block() for _ in range(4)]
    for block in blocks:
        layout.addWidget(block)
    widget.setLayout(layout)
    return widget, blocks


def test_what_has_no_width_goes_on_below(qtbot: QtBot) -> None:
    """No widget gets less than its preferred size; the height follows the number of rows."""
    widget, blocks = make_row(qtbot)

    widget.resize(220, 68)
    widget.show()

    assert [(one.x(), one.y()) for one in blocks] == [(0, 0), (108, 0), (0, 38), (108, 38)]
    assert widget.heightForWidth(220) == 68
    assert widget.heightForWidth(500) == 30
    assert widget.sizeHint().width() == 424
    assert widget.minimumSizeHint().width() == 100


def test_hidden_widgets_take_no_place(qtbot: QtBot) -> None:
    """Each row is centred on what is visible."""
    widget, blocks = make_row(qtbot, centred=True)
    blocks[1].hide()
    blocks[3].hide()

    widget.resize(308, 30)
    widget.show()

    assert [blocks[0].x(), blocks[2].x()] == [50, 158]


def test_items_can_be_taken_out(qtbot: QtBot) -> None:
    """Qt asks for items until there is none, and takes those whose widget was deleted."""
    widget, blocks = make_row(qtbot)
    layout = widget.layout()
    assert layout is not None

    layout.removeWidget(blocks[0])

    assert layout.count() == 3
    assert layout.itemAt(3) is None
    assert layout.takeAt(3) is None
