"""The dialog of an export."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.services.evidence.bundles import ExportChoices, ExportedBundle, ExportPreview
from ibconsole.services.evidence.redaction import Replacement, ReplacementKind
from ibconsole.services.messages import Progress
from ibconsole.ui.evidence.export_dialog import CaseExportDialog
from ibconsole.ui.toolkit.theme import Theme

REPLACED = (
    Replacement(place="item 1 message.from", kind=ReplacementKind.INSTALLATION, token="i-1"),  # noqa: S106
    Replacement(place="item 2.text", kind=ReplacementKind.TEXT, token="••••", count=3),  # noqa: S106
)


@pytest.fixture
def dialog(qtbot: QtBot, theme: Theme) -> CaseExportDialog:
    dialog = CaseExportDialog("Nothing arrives", theme)
    dialog.fields.show_choices(ExportChoices(), as_zip=True, pictures=0)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_a_preview_is_searched(dialog: CaseExportDialog, qtbot: QtBot) -> None:
    """Each replaced place is listed and counted; another choice asks for another preview."""
    dialog.show_previewing()
    dialog.show_preview(ExportPreview(REPLACED, "# Nothing", ["2 pictures are left out."]))
    assert dialog.tabs.tabText(0) == "Replaced (4)"
    assert dialog.counts.text() == "installation 1, text 3"
    assert dialog.remarks.text().startswith("2 pictures are left out.\nSecrets are always masked")
    dialog.search.setText("item 2")
    assert dialog.replacements.model().rowCount() == 1
    with qtbot.waitSignal(dialog.preview_wanted):
        dialog.fields.texts.setCurrentIndex(0)
    dialog.show_preview_failed(UserError("A file of the case cannot be read."))
    assert dialog.banner.text.text() == "A file of the case cannot be read."


def test_the_target_is_the_users(dialog: CaseExportDialog, qtbot: QtBot) -> None:
    """Without a path nothing is exported; the form changes its ending."""
    wanted: list[bool] = []
    dialog.suggestion_wanted.connect(lambda: wanted.append(True))
    assert not dialog.export.isEnabled()
    dialog.show_target(Path("/cases/case.zip"))
    assert dialog.export.isEnabled()
    dialog.fields.folder.click()
    assert wanted == [True]
    dialog.fields.target.clear()
    qtbot.keyClicks(dialog.fields.target, "/cases/mine")
    dialog.fields.zip.click()
    assert (dialog.fields.target.text(), wanted) == ("/cases/mine.zip", [True])


def test_an_export_from_the_button_to_the_bundle(dialog: CaseExportDialog) -> None:
    """It can be stopped; what failed is said, and the result is copied."""
    asked: list[str] = []
    dialog.export_requested.connect(lambda: asked.append("export"))
    dialog.export_anyway_requested.connect(lambda: asked.append("anyway"))
    dialog.stop_requested.connect(lambda: asked.append("stop"))
    dialog.show_target(Path("/cases/case.zip"))
    dialog.copy.click()
    dialog.show_folder.click()  # there is no bundle yet
    dialog.export.click()
    dialog.show_exporting()
    dialog.show_progress(Progress("Redacting the case", 3, 40))
    assert (dialog.cancel.text(), dialog.is_exporting) == ("Stop", True)
    assert dialog.step.text() == "Redacting the case: 3 of 40"
    dialog.cancel.click()
    dialog.show_stopped()
    assert (dialog.step.text(), dialog.is_exporting) == ("", False)
    dialog.show_failed(UserError("The keyring is locked."), unknown=True)
    dialog.banner.action.click()
    assert asked == ["export", "stop", "anyway"]

    dialog.show_bundle(ExportedBundle(Path("/cases/case.zip"), "# Nothing", REPLACED))
    assert "4 places were replaced" in dialog.outcome.text()
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == "# Nothing"
    dialog.done_button.click()
    assert not dialog.isVisible()
