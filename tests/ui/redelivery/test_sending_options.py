"""The choices of how messages are sent."""

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from ibconsole.archive.ledger.records import RedeliveryForm
from ibconsole.services.redelivery.values import RedeliveryRequest
from ibconsole.services.retry_law import PUBLISHED_LAW, read_law
from ibconsole.ui.redelivery.sending_options import SendingOptions

SENDING = RedeliveryRequest(url="https://customer.example/in")


@pytest.fixture
def options(qtbot: QtBot) -> SendingOptions:
    options = SendingOptions(can_edit=True)
    qtbot.addWidget(options)
    return options


def forms(options: SendingOptions) -> list[str]:
    return [options.form.itemData(number) for number in range(options.form.count())]


def test_at_first_messages_are_sent_one_by_one(options: SendingOptions) -> None:
    """Without a choice they are sent as received, one at a time, and once."""
    assert options.applied_to(SENDING) == SENDING


def test_every_choice_is_in_the_request(options: SendingOptions, qtbot: QtBot) -> None:
    """Form, batches, pace, law and the stop on a failure are those of the fields."""
    options.form.setCurrentIndex(1)
    options.batch.setValue(20)
    options.rate.setValue(5)
    options.parallel.setValue(3)
    options.stop.setChecked(True)
    with qtbot.waitSignal(options.changed):
        options.law.setCurrentText("10s, 1m")

    assert options.applied_to(SENDING) == replace(
        SENDING,
        form=RedeliveryForm.AS_PLATFORM,
        batch_size=20,
        rate=5.0,
        parallelism=3,
        stop_on_failure=True,
        law=read_law("10s, 1m"),
    )


def test_a_law_that_is_not_valid_is_explained(options: SendingOptions) -> None:
    """A retry law that cannot be read is explained under its field; one that can is described."""
    options.law.setCurrentText("soon")
    wrong = options.is_valid, "not a valid" in options.law_remark.text()
    options.law.setCurrentText("published")

    assert wrong == (False, True)
    assert options.is_valid
    assert options.law_remark.text() == PUBLISHED_LAW.sentence


def test_only_one_message_can_be_edited(options: SendingOptions) -> None:
    """An edited text is offered for one message alone, and goes alone."""
    options.edit()
    options.batch.setValue(20)
    edited = options.chosen_form, options.applied_to(SENDING).batch_size

    options.offer_edit(on=False)
    without = forms(options), options.chosen_form
    options.edit()

    assert edited == (RedeliveryForm.EDITED, 1)
    assert without == (["as received", "as the platform"], RedeliveryForm.AS_PLATFORM)
    assert options.chosen_form is RedeliveryForm.AS_RECEIVED
    options.offer_edit(on=True)
    assert forms(options)[-1] == "edited"


def test_choices_are_remembered(options: SendingOptions, qtbot: QtBot) -> None:
    """The next dialog begins with the choices of this one; what cannot be read is ignored."""
    options.edit()
    options.rate.setValue(7)
    options.stop.setChecked(True)
    options.law.setCurrentText("10s")
    other = SendingOptions()
    qtbot.addWidget(other)

    other.restore(options.choices)
    restored = other.choices
    other.restore({"batch": "many", "form": "unknown"})

    assert restored == options.choices
    assert restored["form"] == "as received"
    assert other.choices["rate"] == "7"
