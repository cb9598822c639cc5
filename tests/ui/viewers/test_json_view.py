import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.theme import LIGHT, Scheme, Theme
from ibconsole.ui.viewers.json_text import BoundedText, format_json
from ibconsole.ui.viewers.json_view import JsonView


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> JsonView:
    view = JsonView(theme, "JSON")
    qtbot.addWidget(view)
    return view


def colours(view: JsonView) -> list[tuple[str, str]]:
    """Return each coloured range of text with its colour."""
    view.highlighter.rehighlight()
    found = []
    block = view.text.document().begin()
    while block.isValid():
        for span in block.layout().formats():
            start, length = span.start, span.length
            colour = span.format.foreground().color().name()
            found.append((block.text()[start : start + length], colour))
        block = block.next()
    return found


def test_colours(view: JsonView) -> None:
    """Keys, strings, numbers and literals have different colours."""
    view.show_text(format_json(b'{"a": "b: \\"c\\"", "n": -1.5e3, "t": true}'))

    assert colours(view) == [
        ('"a"', LIGHT.json_key),
        ('"b: \\"c\\""', LIGHT.json_text),
        ('"n"', LIGHT.json_key),
        ("-1.5e3", LIGHT.json_number),
        ('"t"', LIGHT.json_key),
        ("true", LIGHT.json_word),
    ]


def test_string_over_several_lines(view: JsonView) -> None:
    """A string that was broken over lines has one colour, whatever it contains."""
    view.show_text(BoundedText('["begins\nnull 1 true\nends", 2]'))

    assert colours(view) == [
        ('"begins', LIGHT.json_text),
        ("null 1 true", LIGHT.json_text),
        ('ends"', LIGHT.json_text),
        ("2", LIGHT.json_number),
    ]


def test_large_text_has_no_colours(view: JsonView) -> None:
    """A text that is too large has no colours, and the next one has colours again."""
    view.show_text(BoundedText('{"a": 1}', "Too large", coloured=False))
    assert view.highlighter.document() is None
    assert (view.note.text(), view.note.isHidden()) == ("Too large", False)

    view.show_text(BoundedText("[1]"))
    assert colours(view) == [("1", LIGHT.json_number)]
    assert view.note.isHidden()


def test_colours_follow_the_theme(view: JsonView, theme: Theme, qapp: QApplication) -> None:
    """The colours are those of the current palette."""
    view.show_text(BoundedText("[1]"))
    theme.apply(Scheme.DARK)
    dark = theme.colours.json_number
    shown = colours(view)
    theme.apply(Scheme.LIGHT)

    assert shown == [("1", dark)]


@pytest.mark.parametrize("coloured", [True, False])
def test_a_large_text_is_added_in_slices(view: JsonView, qtbot: QtBot, coloured: bool) -> None:
    """The beginning is shown at once and the rest soon, and the window stays responsive."""
    text = "\n".join(f"line {number:05}" for number in range(20_000))
    turns = 0

    def count() -> None:
        nonlocal turns
        turns += not view.complete

    timer = QTimer(view, interval=0)
    timer.timeout.connect(count)
    timer.start()
    view.show_text(BoundedText(text, coloured=coloured))
    assert view.text.toPlainText().startswith("line 00000\nline 00001")
    assert not view.complete
    assert view.text.textCursor().position() == 0

    qtbot.waitUntil(lambda: view.complete)

    assert view.text.toPlainText() == text
    assert view.text.textCursor().position() == 0
    assert turns > 2


def test_the_next_text_replaces_an_unfinished_one(view: JsonView, qtbot: QtBot) -> None:
    """Slices of the previous text are never added to the current one."""
    view.show_text(BoundedText("old\n" * 100_000, coloured=False))
    view.show_text(BoundedText("new\n" * 100_000, coloured=False))

    qtbot.waitUntil(lambda: view.complete)

    assert "old" not in view.text.toPlainText()


def marked(view: JsonView) -> list[str]:
    return [one.cursor.selectedText() for one in view.text.extraSelections()]


def test_matches_are_marked(view: JsonView, theme: Theme) -> None:
    """Matches of a searched text are marked in the colours of the theme, also in later texts."""
    view.mark("order")
    view.show_text(format_json('{"order": "🙂 an Order"}'.encode()))
    assert marked(view) == ["Order"]
    theme.apply(Scheme.DARK)
    [one] = view.text.extraSelections()
    assert one.format.background().color().name() == theme.colours.match

    view.show_text(format_json(b'{"a": "other"}'))
    assert marked(view) == []
    view.mark("OTHER")
    assert marked(view) == ["other"]
    view.mark("")
    assert marked(view) == []


def test_first_match_is_in_sight(view: JsonView, qtbot: QtBot) -> None:
    """The first match of a long text is scrolled to, once all of the text is there."""
    view.resize(300, 200)
    view.show()
    view.mark("order")
    members = [f'"m{number}": "{"x" * 100}"' for number in range(400)]
    view.show_text(format_json(f'{{{",".join(members)},"last": "{"y" * 90}order"}}'.encode()))
    qtbot.waitUntil(lambda: view.complete)

    assert marked(view) == ["order"]
    assert view.text.viewport().rect().top() <= view.text.cursorRect().top()
    assert view.text.cursorRect().bottom() <= view.text.viewport().rect().bottom()
    assert view.text.verticalScrollBar().value() > 300
    assert view.text.horizontalScrollBar().value() == 0
