"""The dialog of the retention policy."""

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import RetentionPolicy, RetentionPreview
from ibconsole.errors import Severity, UserError
from ibconsole.ui.messages.retention_dialog import RetentionDialog
from ibconsole.ui.toolkit.theme import Theme

POLICY = RetentionPolicy(days=30, count=None, size=5_000_000)
SOME = RetentionPreview(deliveries=2, messages=3, size=10, oldest=1, newest=2, below=3)
NONE = RetentionPreview(deliveries=0, messages=0, size=0, oldest=None, newest=None, below=0)


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> RetentionDialog:
    dialog = RetentionDialog(POLICY, theme)
    qtbot.addWidget(dialog)
    return dialog


def test_limits_are_shown_and_read(dialog: RetentionDialog) -> None:
    """The dialog shows the present policy, a switched-off limit as no limit."""
    assert dialog.policy == POLICY
    assert not dialog.count.number.isEnabled()

    dialog.count.box.setChecked(True)
    dialog.size_mb.box.setChecked(False)

    assert dialog.policy == RetentionPolicy(days=30, count=1_000_000, size=None)


def test_nothing_is_chosen_before_its_preview(dialog: RetentionDialog, qtbot: QtBot) -> None:
    """A policy can be chosen only after the preview of exactly this policy was shown."""
    with qtbot.waitSignal(dialog.preview_requested) as emitted:
        dialog.days.number.setValue(7)
    [policy] = emitted.args
    assert policy == RetentionPolicy(days=7, count=None, size=5_000_000)
    assert not dialog.proceed.isEnabled()

    dialog.show_preview(POLICY, SOME)
    assert not dialog.proceed.isEnabled()

    dialog.show_preview(policy, SOME)
    with qtbot.waitSignal(dialog.apply_requested) as chosen:
        dialog.proceed.click()
    assert chosen.args == [policy]


@pytest.mark.parametrize(
    ("preview", "verb", "tone"), [(SOME, "Delete now", Severity.DANGER), (NONE, "Apply", "")]
)
def test_deleting_is_named(
    dialog: RetentionDialog, preview: RetentionPreview, verb: str, tone: str
) -> None:
    """The button says whether messages are deleted at once."""
    dialog.show_preview(POLICY, preview)

    assert dialog.proceed.text() == verb
    assert (dialog.preview.property("tone") or "") == tone


def test_failed_preview(dialog: RetentionDialog) -> None:
    """Without a preview nothing can be chosen, and the dialog says why."""
    dialog.show_failed(UserError("The archive cannot be read.", details="disk I/O error"))

    assert dialog.banner.text.text() == "The archive cannot be read."
    assert dialog.banner.details.toPlainText() == "disk I/O error"
    assert not dialog.proceed.isEnabled()


def test_fixed_limits_cannot_be_changed(theme: Theme, qtbot: QtBot) -> None:
    """They are shown with the reason; what they delete can be seen and confirmed."""
    dialog = RetentionDialog(RetentionPolicy(days=30), theme, fixed="Set by your administrator.")
    qtbot.addWidget(dialog)
    dialog.show()

    assert dialog.fixed.isVisible()
    for limit in (dialog.days, dialog.count, dialog.size_mb):
        assert not limit.box.isEnabled()
        assert not limit.number.isEnabled()
        assert limit.box.toolTip() == "Set by your administrator."
    dialog.show_preview(dialog.policy, SOME)
    assert dialog.proceed.isEnabled()
