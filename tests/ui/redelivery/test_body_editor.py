"""The editor of a message's bytes as text."""

import pytest
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.ui.redelivery.body_editor import (
    BodyEditor,
    NotEditable,
    editable_text,
    json_problem,
)
from ibconsole.ui.toolkit.codes import CodeDisplay
from ibconsole.ui.toolkit.theme import Theme

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a"


@pytest.fixture
def editor(theme: Theme, qtbot: QtBot) -> BodyEditor:
    editor = BodyEditor(theme)
    qtbot.addWidget(editor)
    return editor


def append(editor: BodyEditor, text: str) -> None:
    cursor = editor.editor.textCursor()
    cursor.movePosition(QTextCursor.MoveOperation.End)
    cursor.insertText(text)


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (b'{"text": "a"}', ""),
        ('{"text": "Gr\xfc\xdfe\xa0\u2028\U0001f600"}'.encode(), ""),
        (b"\xef\xbb\xbf{}", ""),
        ("\ufeff{}".encode("utf-16-le"), ""),
        ("\ufeff{}".encode("utf-32-le"), ""),
        (b'{\r\n"a": 1}\r\n', ""),
        (b"{\r}\r", ""),
        (b'{"text": "Caf\xe9"}', "ISO-8859-1"),
        (b"\x00\x0b\x0c", ""),
        (b"{}", "no such charset"),
    ],
)
def test_what_is_not_edited_keeps_its_bytes(editor: BodyEditor, body: bytes, charset: str) -> None:
    """An edit changes no other byte: mark, line ends, spaces and characters stay."""
    editor.show_body(body, charset)
    unedited = editor.body, editor.is_edited

    append(editor, "x")

    text = editable_text(body, charset)
    encoded = text.encode("x").removeprefix(text.mark)
    assert unedited == (body, False)
    assert (editor.body, editor.is_edited) == (body + encoded, True)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"text": "Caf\xe9"}', "Byte 14"),
        (b"\xef\xbb\xbf\xff", "Byte 4"),
        (b"a\nb\r\nc", "end in different ways"),
        ("a\u2029b".encode(), "end in different ways"),
        (b"a" * 300_000, "300,000 bytes"),
    ],
)
def test_what_would_change_otherwise_is_not_edited(
    editor: BodyEditor, body: bytes, reason: str
) -> None:
    """Bytes that the editor could not give back are refused, with the reason under the field."""
    with pytest.raises(NotEditable, match=reason):
        editable_text(body)

    editor.show_body(body)

    assert editor.body is None
    assert editor.editor.isReadOnly()
    assert reason in editor.remark.text()


def test_a_character_without_bytes_is_named(editor: BodyEditor) -> None:
    """A character that the message's encoding lacks is not replaced: the text is not sent."""
    editor.show_body(b"Caf\xe9", "ISO-8859-1")

    append(editor, "\u20ac")
    refused = editor.body, editor.remark.text()
    editor.editor.undo()

    assert refused[0] is None
    assert "\u20ac" in refused[1]
    assert editor.body == b"Caf\xe9"


@pytest.mark.parametrize(
    ("text", "place"),
    [('{"a": 1}', ""), ('{"a": 1,\n "b" 2}', "line 2, column 6"), ("[" * 100_000, "JSON")],
)
def test_a_text_that_is_no_json_is_remarked(text: str, place: str) -> None:
    """A mistake in the JSON is named with its place; the text can be sent all the same."""
    assert place in json_problem(text)
    assert bool(place) == bool(json_problem(text))


def test_the_remark_follows_the_text(editor: BodyEditor) -> None:
    """The line under the field says what is sent: unedited, edited, or edited and not JSON."""
    editor.show_body(b"{}")
    tones = [editor.remark.property("tone")]
    for text in (" ", "x"):
        append(editor, text)
        tones.append(editor.remark.property("tone"))

    assert tones == [Severity.MUTED, Severity.INFO, Severity.WARNING]
    assert editor.body == b"{} x"


def test_codes_are_shown_only_to_edit(editor: BodyEditor) -> None:
    """Application codes are masked until the user asks for them, and sent in any case."""
    body = f'{{"applicationCode": "{CODE}"}}'.encode()
    editor.show_body(body)
    before = CODE in editor.editor.toPlainText(), editor.editor.isReadOnly(), editor.body

    editor.reveal.click()

    assert before == (False, True, body)
    assert CODE in editor.editor.toPlainText()
    assert not editor.editor.isReadOnly()
    assert editor.body == body


def test_a_policy_keeps_codes_masked(theme: Theme, qtbot: QtBot) -> None:
    """Where a policy masks codes, a text with one cannot be edited, also if it comes later."""
    codes = CodeDisplay()
    editor = BodyEditor(theme, codes=codes)
    qtbot.addWidget(editor)
    editor.show_body(f'{{"applicationCode": "{CODE}"}}'.encode())
    editor.reveal.click()

    codes.follow_policy("The policy masks codes.")
    editor.reveal.click()

    assert CODE not in editor.editor.toPlainText()
    assert editor.editor.isReadOnly()
