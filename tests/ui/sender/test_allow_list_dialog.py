"""The dialog that compares firewall rules with the published networks."""

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.services.allow_list.comparison import RulesTooLarge, check_allow_list
from ibconsole.services.allow_list.published import editions
from ibconsole.ui.sender.allow_list_dialog import AllowListDialog
from ibconsole.ui.toolkit.theme import Theme

OLDER = "\n".join(map(str, editions()[1].networks))


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> AllowListDialog:
    dialog = AllowListDialog(theme)
    qtbot.addWidget(dialog)
    return dialog


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def test_the_missing_networks_are_named_and_copied(dialog: AllowListDialog) -> None:
    """Which networks are missing, that this looks intermittent, and a copy to paste."""
    dialog.show_result(check_allow_list(OLDER))

    assert dialog.verdict.text().startswith("1 of 23 published networks is missing")
    assert "intermittent" in dialog.details.toPlainText()
    assert "older edition" in dialog.details.toPlainText()
    missing = [row for row in dialog.table.records if row.missing]
    assert [(str(row.network), row.lists, row.rules) for row in missing] == [
        ("172.195.40.23/32", "current only", "missing")
    ]
    dialog.copy_missing.click()
    assert clipboard() == "172.195.40.23/32\n"


def test_parts_of_a_network_are_named(dialog: AllowListDialog) -> None:
    """Of a network that is allowed in parts, the missing parts are shown and copied."""
    rules = OLDER.replace("193.105.74.0/24", "193.105.74.0/25") + "\n172.195.40.23"
    dialog.show_result(check_allow_list(rules))

    [row] = [row for row in dialog.table.records if row.missing]
    assert row.rules == "partly missing: 193.105.74.128/25"
    dialog.copy_missing.click()
    assert clipboard() == "193.105.74.128/25\n"


def test_both_editions_are_shown_with_their_dates(dialog: AllowListDialog) -> None:
    """Before a comparison, the dialog lists the networks of all editions."""
    text = dialog.details.toPlainText()

    assert [f"{one.name.capitalize()} edition" in text for one in editions()] == [True, True]
    assert all(one.read in text for one in editions())
    assert dialog.table.total == 23
    assert not dialog.copy_missing.isEnabled()
    dialog.copy_all.click()
    assert clipboard().splitlines() == [str(one) for one in editions()[0].networks]


def test_typed_rules_are_compared_after_a_moment(dialog: AllowListDialog, qtbot: QtBot) -> None:
    """The comparison follows the text; without rules nothing is claimed."""
    with qtbot.waitSignal(dialog.check_requested) as asked:
        dialog.editor.insertPlainText("193.105.74.0/24")
    assert asked.args == ["193.105.74.0/24"]
    assert dialog.progress.busy
    dialog.show_result(check_allow_list("193.105.74.0/24"))

    with qtbot.waitSignal(dialog.check_requested):
        dialog.clear.click()

    assert dialog.verdict.text().startswith("Paste the rules")
    assert [row.rules for row in dialog.table.records] == [""] * 23


def test_rules_without_an_address_are_no_verdict(dialog: AllowListDialog) -> None:
    """A text without addresses says nothing about the networks."""
    dialog.show_result(check_allow_list("Hello"))

    assert "nothing can be said" in dialog.verdict.text()
    assert [row.rules for row in dialog.table.records] == [""] * 23


def test_a_failure_is_a_sentence(dialog: AllowListDialog) -> None:
    """Rules that are too large are not compared, and the dialog says so."""
    dialog.show_failed(RulesTooLarge())

    assert dialog.verdict.text().startswith("The rules are larger than 4 MiB")
    assert not dialog.copy_missing.isEnabled()
