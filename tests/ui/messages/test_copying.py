"""Parts of messages are copied as they are shown."""

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from ibconsole.archive.records import StoredMessage
from ibconsole.ui.messages.copying import Copying, parts_of
from ibconsole.ui.messages.message_commands import Part
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.sample_records import BODY, CODE, message

MASKED = "2336…8b53"


class Lookup:
    async def messages(self, ids: Sequence[int]) -> Sequence[StoredMessage]:
        return [message(one, message_id="" if one == 9 else str(one)) for one in ids]


async def test_copies(tasks: UiTasks) -> None:
    """What is copied is in the order of the list; without anything the clipboard stays."""
    said = list[str]()
    parent = QObject()
    copying = Copying(Lookup(), tasks, said.append, parent)
    clipboard = QGuiApplication.clipboard()
    copying.start(Part.MESSAGE_ID, [3, 9, 1])
    await tasks.settled()
    assert (clipboard.text(), said) == ("3\n1", [])

    copying.start(Part.MESSAGE_ID, [9])
    await tasks.settled()
    assert clipboard.text() == "3\n1"
    assert said == ["There is no message ID, so nothing was copied."]

    copying.start(Part.JSON, [1], clear=True)
    await tasks.settled()
    assert CODE in clipboard.text()
    copying.start(Part.JSON, [1])
    await tasks.settled()
    assert (CODE in clipboard.text(), MASKED in clipboard.text()) == (False, True)


@pytest.mark.parametrize("clear", [False, True])
def test_codes_in_texts(clear: bool) -> None:
    """A code that a text repeats is masked in a copy, as it is in the list."""
    repeated = message(1, text=f"my code is {CODE}")

    assert parts_of(Part.TEXT, [repeated], clear=clear) == [
        f"my code is {CODE if clear else MASKED}"
    ]


def test_one_line_for_each_of_several() -> None:
    """The JSON of one message is as it was sent; of several each is one line."""
    body = '{\n "text": "a\\nb\u2028c"\r\n}'
    sent = message(1, body=body.encode())

    assert parts_of(Part.JSON, [sent], clear=True) == [body]
    assert parts_of(Part.JSON, [sent, sent], clear=True) == ['{  "text": "a\\nb\u2028c"  }'] * 2
    assert parts_of(Part.TEXT, [message(1)] * 2, clear=False) == [BODY["text"]] * 2
