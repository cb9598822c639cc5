"""The choices of a ladder."""

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from ibconsole.services.forward_test.senders import CURL, PLATFORM, Comparison
from ibconsole.ui.forward_test.ladder_options import LadderOptions


@pytest.fixture
def options(qtbot: QtBot) -> LadderOptions:
    options = LadderOptions()
    qtbot.addWidget(options)
    return options


def test_one_request_by_default(options: LadderOptions) -> None:
    """Without a choice, a healthy endpoint gets the message once, as the platform sends it."""
    plan = options.plan

    assert (plan.sender, plan.compare) == (PLATFORM, Comparison.IF_REFUSED)
    assert (plan.repeat, plan.parallel) == (False, False)


def test_choices(options: LadderOptions) -> None:
    """Senders and repetitions are chosen; an observed sender takes the place of the assumed."""
    options.send_as.setCurrentIndex(4)
    options.repeat.setChecked(True)
    assert (options.plan.sender, options.plan.compare) == (CURL, Comparison.NEVER)
    assert options.plan.repeat

    observed = replace(PLATFORM, label="the platform (observed)", assumed=False)
    options.offer_platform(observed)
    assert options.send_as.currentText() == "curl only"
    options.send_as.setCurrentIndex(1)
    assert (options.plan.sender, options.plan.compare) == (observed, Comparison.ALWAYS)
