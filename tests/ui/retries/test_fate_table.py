"""The table of a retry simulation."""

from PySide6.QtWidgets import QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.services.retry_law import RetryLaw
from ibconsole.services.retry_simulation import (
    Agreement,
    MessageAgreement,
    RunVerdict,
    SenderTraits,
    predict,
    read_segments,
    scenario_of,
)
from ibconsole.ui.retries.fate_table import fate_rows, fate_table

FOUND = predict(
    scenario_of(read_segments("error 100 s")), SenderTraits(RetryLaw(delays=(30, 60))), [0, 50]
)
RUN = Agreement(
    FOUND,
    FOUND.messages,
    3_600,
    (MessageAgreement(1, RunVerdict.AGREES), MessageAgreement(2, RunVerdict.BOUNDARY, "Why.")),
    360,
    0,
)


def test_messages_are_rows(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    """What is predicted, and the verdict of a run with its reason."""
    parent = QWidget()
    qtbot.addWidget(parent)
    table = fate_table(parent)
    model = table.model()
    qtmodeltester.check(model)

    table.show_records(fate_rows(FOUND.messages, None))
    texts = [model.index(1, column).data() for column in range(8)]
    assert texts == [
        "2",
        "50 s",
        "3",
        "delivered",
        "2 min 20 s",
        "1 min 30 s",
        "503 \xd72, 200",
        "",
    ]

    table.show_records(fate_rows(FOUND.messages, RUN))
    assert [model.index(row, 7).data() for row in range(2)] == ["agrees", "at a boundary"]
