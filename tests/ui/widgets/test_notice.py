import pytest
from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.notice import Notice


@pytest.fixture
def notice(theme: Theme, qtbot: QtBot) -> Notice:
    notice = Notice(theme)
    qtbot.addWidget(notice)
    notice.resize(400, 400)
    notice.show()
    return notice


def test_an_error_lists_its_causes(notice: Notice, qtbot: QtBot) -> None:
    """An error names possible causes, unfolds its details, and can be retried."""
    notice.show_failed("It failed.", "status 500", ("The host is down.", "The key is wrong."))

    assert notice.causes.text() == "• The host is down.\n• The key is wrong."
    notice.details_button.click()
    assert notice.details.isVisible()
    with qtbot.waitSignal(notice.retry_requested):
        notice.retry.click()


def test_denied_access_is_no_error(notice: Notice) -> None:
    """Denied access is explained; retrying is offered only where it can help."""
    notice.show_denied("The key may not list applications.", retry=False)

    assert notice.sentence.text() == "The key may not list applications."
    assert not notice.retry.isVisible()
    assert not notice.details_button.isVisible()


def test_states_do_not_mix(notice: Notice) -> None:
    """An empty page has no button, cause or detail of an error before it."""
    notice.show_failed("It failed.", "status 500", ("The host is down.",))
    notice.details_button.click()

    notice.show_empty("There is no fruit.")

    parts = (notice.action, notice.retry, notice.causes, notice.details, notice.details_button)
    assert not any(part.isVisible() for part in parts)
