"""Dialogs that have more to say than at first."""

from PySide6.QtWidgets import QDialog


def grow(dialog: QDialog) -> None:
    """Make a dialog as high as it has to be.

    Qt does not ask again how high wrapped lines are once a window has its size.
    """
    if layout := dialog.layout():
        layout.activate()
        least = layout.totalMinimumHeightForWidth(dialog.width())
        dialog.resize(dialog.width(), max(dialog.height(), least))
