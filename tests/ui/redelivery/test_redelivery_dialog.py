"""The dialog sends nothing before a dry run, and exactly what that has shown."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ibconsole.archive.ledger.records import RedeliveryForm, RedeliveryKind
from ibconsole.errors import Severity, UserError
from ibconsole.services.give_back.planning import GiveBackRequest
from ibconsole.services.redelivery.values import RedeliveryRequest
from ibconsole.ui.redelivery.message_choice import GiveBackChoice, OfferedMessages, ResendChoice
from ibconsole.ui.redelivery.plan_texts import DryRun
from ibconsole.ui.redelivery.redelivery_dialog import (
    DialogStage,
    RedeliveryDialog,
    SendingPlace,
)
from ibconsole.ui.toolkit.codes import CodeDisplay
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.viewers.facts import Remark

URL = "https://customer.example.com/in"
FOUND = DryRun(3, "3 messages.", (Remark(Severity.WARNING, "They may be there already."),))


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


def make_resend(
    theme: Theme, window: QWidget, *ids: int, codes: CodeDisplay | None = None
) -> RedeliveryDialog:
    return RedeliveryDialog(
        RedeliveryKind.RESEND,
        ResendChoice(OfferedMessages(ids)),
        SendingPlace("c", "Acme"),
        theme,
        window,
        codes=codes,
    )


def make_give_back(theme: Theme, window: QWidget, environment: str = "") -> RedeliveryDialog:
    return RedeliveryDialog(
        RedeliveryKind.GIVE_BACK,
        GiveBackChoice({"a": "Shop"}, "a"),
        SendingPlace("c", "Acme", environment),
        theme,
        window,
    )


@pytest.fixture
def dialog(theme: Theme, window: QWidget) -> Iterator[RedeliveryDialog]:
    dialog = make_resend(theme, window, 7, 8)
    dialog.open()
    yield dialog
    dialog.done(0)


def planned(dialog: RedeliveryDialog, qtbot: QtBot) -> object:
    """Enter a URL, and return the request that a dry run is asked for."""
    with qtbot.waitSignal(dialog.plan_requested) as asked:
        dialog.destination.enter(URL)
    return asked.args[0]


def test_nothing_is_started_before_a_dry_run(dialog: RedeliveryDialog, qtbot: QtBot) -> None:
    """The button has the number that the dry run has counted, and starts just that."""
    dialog.begin()
    without_url = dialog.stage, dialog.proceed.isEnabled(), dialog.destination.field.hasFocus()
    request = planned(dialog, qtbot)
    before = dialog.proceed.isEnabled()
    assert isinstance(request, RedeliveryRequest)
    dialog.show_plan(request, FOUND)

    with qtbot.waitSignal(dialog.start_requested) as started:
        dialog.proceed.click()

    assert without_url[:2] == (DialogStage.INCOMPLETE, False)
    assert (request.url, request.messages, request.connection) == (URL, (7, 8), "c")
    assert not before
    assert dialog.proceed.text() == "Resend 3 messages"
    assert started.args == [request]


def test_a_change_needs_another_dry_run(dialog: RedeliveryDialog, qtbot: QtBot) -> None:
    """What is changed after a dry run is not started by it."""
    request = planned(dialog, qtbot)
    assert isinstance(request, RedeliveryRequest)
    dialog.show_plan(request, FOUND)

    with qtbot.waitSignal(dialog.plan_requested) as again:
        dialog.options.parallel.setValue(4)

    assert not dialog.proceed.isEnabled()
    assert again.args[0].parallelism == 4


def test_a_dry_run_of_nothing_starts_nothing(dialog: RedeliveryDialog, qtbot: QtBot) -> None:
    """With no message to send there is nothing to press, and the reason is there."""
    request = planned(dialog, qtbot)
    assert isinstance(request, RedeliveryRequest)
    dialog.show_plan(request, DryRun(0, "Nothing is missing."))

    assert (dialog.proceed.isEnabled(), dialog.cancel.isDefault()) == (False, True)
    assert dialog.dry_run.text() == "Nothing is missing."


def test_failures_are_said_in_the_dialog(dialog: RedeliveryDialog, qtbot: QtBot) -> None:
    """A dry run that failed, and a job that was not stored, leave the dialog open."""
    request = planned(dialog, qtbot)
    dialog.show_not_planned(UserError("The archive cannot be read. Nothing was sent."))
    not_planned = dialog.banner.text.text(), dialog.proceed.isEnabled()
    assert isinstance(request, RedeliveryRequest)
    dialog.show_plan(request, FOUND)
    dialog.show_starting()
    dialog.reject()  # not while the job is stored
    starting = dialog.isVisible(), dialog.proceed.isEnabled(), dialog.cancel.isEnabled()
    dialog.show_not_started(UserError("The disk is full."))

    assert not_planned == ("The archive cannot be read. Nothing was sent.", False)
    assert starting == (True, False, False)
    assert (dialog.banner.text.text(), dialog.proceed.isEnabled()) == ("The disk is full.", True)


@pytest.mark.parametrize(("environment", "default"), [("", True), ("production", False)])
def test_enter_starts_nothing_in_production(
    theme: Theme, window: QWidget, qtbot: QtBot, environment: str, default: bool
) -> None:
    """Elsewhere Enter gives back what was counted; in production the button has to be chosen."""
    dialog = make_give_back(theme, window, environment)
    request = planned(dialog, qtbot)
    assert isinstance(request, GiveBackRequest)
    dialog.show_plan(request, FOUND)

    assert (request.application, request.sending.url) == ("a", URL)
    assert dialog.proceed.isDefault() is default
    assert dialog.cancel.isDefault() is not default
    dialog.done(0)


def test_one_message_can_be_edited(theme: Theme, window: QWidget, qtbot: QtBot) -> None:
    """The bytes of one message are asked for, edited, and sent in place of it."""
    dialog = make_resend(theme, window, 7)
    with qtbot.waitSignal(dialog.body_requested) as asked:
        dialog.options.edit()
    dialog.destination.enter(URL)
    unread = dialog.request
    dialog.editor.show_body(b'{"text": "a"}')
    dialog.editor.editor.setPlainText('{"text": "b"}')
    request = dialog.request

    assert (asked.args, unread) == ([7], None)
    assert isinstance(request, RedeliveryRequest)
    assert (request.form, request.edited) == (RedeliveryForm.EDITED, b'{"text": "b"}')
    dialog.choice.arrived.setChecked(True)  # type: ignore[union-attr]
    assert dialog.options.form.findData("edited") < 0
    dialog.done(0)


def test_masked_bytes_are_not_edited(theme: Theme, window: QWidget) -> None:
    """Where a policy masks codes, what can be read is not what would have to be sent."""
    codes = CodeDisplay(window)
    codes.follow_policy("The policy masks codes.")
    dialog = make_resend(theme, window, 7, codes=codes)

    assert dialog.options.form.findData("edited") < 0
    dialog.done(0)


def test_the_dry_run_is_text_for_a_ticket(dialog: RedeliveryDialog, qtbot: QtBot) -> None:
    """It has the URL without its secrets, the counts and the remarks."""
    dialog.destination.enter("https://anna:pw@customer.example.com/in")
    request = dialog.request
    assert isinstance(request, RedeliveryRequest)
    dialog.show_plan(request, FOUND)

    lines = dialog.as_text.splitlines()

    assert lines[0] == "Resend messages"
    assert "customer.example.com/in" in lines[1]
    assert lines[2:] == ["3 messages.", "They may be there already."]
    assert "pw" not in dialog.as_text


def test_choices_are_kept_for_the_next_time(theme: Theme, window: QWidget) -> None:
    """The window of time and the way of sending are those of the last job."""
    first, second = make_give_back(theme, window), make_give_back(theme, window)
    assert isinstance(first.choice, GiveBackChoice)
    first.choice.window_of_time.restore("Last 7 days")
    first.options.parallel.setValue(5)

    second.restore(first.choices)

    assert second.choices == first.choices
    assert second.choices["law"] == "published"
    for dialog in (first, second):
        dialog.done(0)
