import pytest
from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.viewers.raw_view import (
    HEX_PART,
    PART,
    RawView,
    hex_dump,
    is_text,
    prepare_raw,
)

TOTAL = 2 * PART


@pytest.fixture
def view(theme: Theme, qtbot: QtBot) -> RawView:
    view = RawView(theme)
    qtbot.addWidget(view)
    return view


def test_hex_dump() -> None:
    """A hex dump shows offset, bytes and ASCII characters, sixteen bytes per line."""
    assert hex_dump(b"0123456789abcdef\x00\xffA").text.splitlines() == [
        "00000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef",
        "00000010  00 ff 41                                         ..A",
    ]
    assert hex_dump(b"").note == "It is empty."
    assert hex_dump(b"x" * (HEX_PART + 1)).note.startswith("Too large")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", True),
        (b"line\r\n\tnext", True),
        ("ž".encode(), True),
        (b"\x00", False),
        (b"\xff", False),
        (b"x" * (HEX_PART - 1) + "ž".encode(), True),
        (b"x" * HEX_PART + b"\xff", True),
        ("ž".encode()[:1], False),
    ],
)
def test_text_is_recognized(body: bytes, *, expected: bool) -> None:
    """A body is text if its beginning is UTF-8, also if that is cut within a character."""
    assert is_text(body) is expected


@pytest.mark.parametrize("shift", [0, 1, 2, 3])
def test_parts_end_between_characters(shift: int) -> None:
    """A character across the end of a part is not shown as broken."""
    body = (b"x" * shift) + "\u20ac".encode() * 100
    first = prepare_raw(body[:30], 0, len(body)).text.text
    second = prepare_raw(body[30:], 30, len(body)).text.text

    assert "\ufffd" not in first + second


def test_paging(view: RawView, qtbot: QtBot) -> None:
    """Of a large body one part is shown, and buttons request the parts around it."""
    view.show_part(prepare_raw(b"x" * PART, PART, TOTAL), as_hex=False)

    assert view.position.text() == "Bytes 262,144 to 524,288 of 524,288"
    assert not view.next.isEnabled()
    with qtbot.waitSignal(view.part_requested) as emitted:
        view.previous.click()
    assert emitted.args == [0]


def test_hex_has_smaller_parts(view: RawView, qtbot: QtBot) -> None:
    """A hex dump shows fewer bytes at a time, since it takes more room."""
    view.show_part(prepare_raw(b"x" * PART, 0, TOTAL), as_hex=True)

    assert view.position.text() == "Bytes 0 to 32,768 of 524,288"
    with qtbot.waitSignal(view.part_requested) as emitted:
        view.next.click()
    assert emitted.args == [HEX_PART]


@pytest.mark.parametrize(("body", "size"), [(b"x", "1 byte"), (b"xx", "2 bytes")])
def test_a_small_body_is_shown_whole(view: RawView, body: bytes, size: str) -> None:
    """A body of one part has no buttons for others."""
    view.show_part(prepare_raw(body, 0, len(body)), as_hex=False)

    assert view.position.text() == size
    assert view.previous.isHidden()
    assert view.next.isHidden()


def test_clearing(view: RawView) -> None:
    """Nothing of the previous body stays."""
    view.show_part(prepare_raw(b"secret", 0, 6), as_hex=False)

    view.clear()

    assert view.raw is None
    assert view.view.text.toPlainText() == ""
