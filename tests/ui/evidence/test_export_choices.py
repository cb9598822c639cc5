"""The fields of an export."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMainWindow
from pytestqt.qtbot import QtBot

from ibconsole.services.evidence.bundles import ExportChoices
from ibconsole.services.evidence.redaction import TextChoice
from ibconsole.ui.evidence.export_choices import ExportFields, default_folder
from ibconsole.ui.toolkit.theme import Theme


def test_choices_and_target(plain_window: QMainWindow, theme: Theme, qtbot: QtBot) -> None:
    """The fields show choices and return them; pictures are chosen each time."""
    fields = ExportFields(theme)
    plain_window.setCentralWidget(fields)
    choices = ExportChoices(
        texts=TextChoice.KEPT, payloads=TextChoice.REMOVED, message_ids=True, raw=False
    )
    fields.show_choices(choices, as_zip=False, pictures=0)
    assert (fields.choices, fields.suffix) == (choices, "")
    assert not fields.pictures.isEnabled()
    fields.show_choices(choices, as_zip=True, pictures=2)
    with qtbot.waitSignal(fields.changed):
        fields.pictures.click()
    assert fields.choices.pictures
    assert not fields.about_pictures.isHidden()

    fields.target.setText("case.zip")
    relative = fields.path
    fields.target.setText("~/case.zip")
    assert (relative, fields.path) == (None, Path.home() / "case.zip")
    fields.browse.click()
    [dialog] = plain_window.findChildren(QFileDialog)
    dialog.fileSelected.emit("/cases")
    dialog.reject()
    assert (fields.path, fields.suffix) == (Path("/cases/case.zip"), ".zip")
    assert default_folder().is_absolute()
