"""Rows of a list."""

import pytest

from ibconsole.archive import Archive, Flags, Reader, Row
from tests.unit.archive.processes import arrival, batch


@pytest.mark.parametrize("text", ["a" * 300, "🙂" * 300, "ß" * 199 + "🙂🙂", "a\0" * 150, ""])
def test_text_in_a_list(archive: Archive, reader: Reader, text: str) -> None:
    """A list shows the first 200 characters of a text, whatever they are; the rest is kept."""
    archive.decode(archive.add_forwards([arrival(batch({"messageId": "1", "text": text}))]))
    message = reader.message(1)

    assert reader.rows([1]) == [Row(1, 1, "forward", "", "", "", text[:200], None, 1_000, Flags(0))]
    assert message
    assert message.text == text


def test_order_of_rows(archive: Archive, reader: Reader) -> None:
    """Rows come in the order asked for; what is not there is passed over."""
    archive.decode(archive.add_forwards([arrival(batch({"text": "1"}, {"text": "2"}))]))

    assert [row.id for row in reader.rows([2, 9, 1])] == [2, 1]
    assert reader.rows([]) == []
