"""The filters of the audit."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.clock import now_ms
from ibconsole.model import read_application
from ibconsole.services.audit import AuditChoices
from ibconsole.ui.audit.toolbar import AuditToolbar
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.audit.conftest import CODE

CHOICES = AuditChoices({"a": "Acme", "b": "Bora"}, {"a": (CODE,), "b": ("other code",)})


def _bar(theme: Theme, qtbot: QtBot, names: ApplicationNames) -> AuditToolbar:
    bar = AuditToolbar(theme, names)
    qtbot.addWidget(bar)
    bar.show_choices(CHOICES)
    return bar


def test_the_filter_is_what_is_chosen(theme: Theme, qtbot: QtBot, names: ApplicationNames) -> None:
    """The applications are those of the account; a new name keeps what is chosen."""
    bar = _bar(theme, qtbot, names)
    filtering = [bar.is_filtering]
    assert bar.application.count() == 3
    with qtbot.waitSignal(bar.filter_changed):
        bar.account.setCurrentIndex(1)
    assert bar.application.count() == 2
    bar.application.setCurrentIndex(1)
    names.add([read_application({"applicationCode": CODE, "name": "Kestrel"})])
    assert bar.application.currentText() == "Kestrel"
    bar.period.setCurrentIndex(1)
    bar.search.setText("x")
    chosen = bar.chosen
    assert (chosen.connection, chosen.application, chosen.text) == ("a", CODE, "x")
    assert chosen.since
    assert 0 <= now_ms() - 24 * 3_600_000 - chosen.since < 60_000
    filtering.append(bar.is_filtering)

    with qtbot.waitSignal(bar.filter_changed):
        bar.clear_filter()
    assert [*filtering, bar.is_filtering] == [False, True, False]
    assert bar.application.count() == 3


def test_a_choice_that_is_gone_is_given_up(
    theme: Theme, qtbot: QtBot, names: ApplicationNames
) -> None:
    bar = _bar(theme, qtbot, names)
    bar.account.setCurrentIndex(2)
    with qtbot.waitSignal(bar.filter_changed):
        bar.show_choices(AuditChoices({"a": "Acme"}, {}))
    assert bar.account.currentText() == "All accounts"
    bar.restore("gone", 12345)
    bar.show_choices(CHOICES)
    assert (bar.chosen.connection, bar.days, bar.account_id) == ("", 0, "gone")
    bar.account.setCurrentIndex(1)
    assert bar.account_id == "a"


def test_what_can_be_chosen_is_known(theme: Theme, qtbot: QtBot, names: ApplicationNames) -> None:
    bar = _bar(theme, qtbot, names)
    calls = [("", ""), ("a", ""), ("a", CODE), ("c", ""), ("b", CODE)]
    assert [bar.knows(*one) for one in calls] == [True, True, True, False, False]


def test_escape_clears_the_text_and_leaves_the_field(
    theme: Theme, qtbot: QtBot, names: ApplicationNames
) -> None:
    bar = _bar(theme, qtbot, names)
    bar.show()
    bar.search.setText("x")
    bar.activateWindow()
    bar.search.setFocus()
    qtbot.waitUntil(bar.search.hasFocus)
    with qtbot.waitSignal(bar.escaped):
        qtbot.keyClick(bar.search, Qt.Key.Key_Escape)
    assert bar.search.text() == ""


def test_the_count_says_whether_there_are_more(
    theme: Theme, qtbot: QtBot, names: ApplicationNames
) -> None:
    bar = _bar(theme, qtbot, names)
    for shown, has_more, text in ((0, False, ""), (500, True, "500+"), (1234, False, "1,234")):
        bar.show_count(shown, has_more=has_more)
        assert bar.count.text() == text
    bar.show_unseen(3)
    assert bar.unseen.isVisibleTo(bar)
    bar.show_unseen(0)
    assert not bar.unseen.isVisibleTo(bar)
