"""The dialogs before a setup is exported, applied from a file, or cloned."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from ibconsole.model.application import read_application
from ibconsole.services.console.remote_setup_files import FileRequest
from ibconsole.ui.plans.setup_file_dialogs import ApplyFileDialog, CloneDialog, ExportSetupDialog
from ibconsole.ui.toolkit.theme import Theme

SHOP, BANK = (
    read_application({"applicationCode": code, "name": name, "applicationId": code * 3})
    for code, name in (("s", "Shop"), ("b", "Bank"))
)


def shown(qtbot: QtBot, dialog: QDialog) -> None:
    qtbot.addWidget(dialog)
    dialog.show()


def test_a_file_is_planned_with_its_rules(theme: Theme, qtbot: QtBot) -> None:
    """Each line is a rule; empty lines are none."""
    dialog = ApplyFileDialog(Path("shop.yaml"), theme)
    shown(qtbot, dialog)
    dialog.names.setPlainText("Shop stage=Shop\n\n")
    dialog.texts.setPlainText("stage.=live.\n/a+/=b")

    with qtbot.waitSignal(dialog.plan_requested) as plan:
        dialog.proceed.click()

    assert plan.args == [
        FileRequest(Path("shop.yaml"), ("Shop stage=Shop",), ("stage.=live.", "/a+/=b"))
    ]


def test_an_export_of_one_needs_a_selected_application(theme: Theme, qtbot: QtBot) -> None:
    none = ExportSetupDialog(None, theme)
    shown(qtbot, none)
    assert not none.one.isEnabled()

    dialog = ExportSetupDialog(SHOP, theme)
    shown(qtbot, dialog)
    assert dialog.one.text() == "Only Shop"
    dialog.one.setChecked(True)
    with qtbot.waitSignal(dialog.export_requested):
        dialog.proceed.click()


def test_the_target_of_a_clone_is_another_application(theme: Theme, qtbot: QtBot) -> None:
    """The application itself is not offered; nothing goes on before one is chosen."""
    dialog = CloneDialog(SHOP, [SHOP, BANK], theme)
    shown(qtbot, dialog)
    assert dialog.table.records == [BANK]
    assert not dialog.proceed.isEnabled()
    qtbot.keyClicks(dialog.filter, "ba")
    with qtbot.waitSignal(dialog.target_chosen) as target:
        qtbot.keyClick(dialog.filter, Qt.Key.Key_Return)

    assert target.args == [BANK]
