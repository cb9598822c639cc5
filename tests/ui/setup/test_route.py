"""The view of an application's route."""

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from ibconsole.services.setup.route import (
    NO_CONFIGURATION,
    UNKNOWN,
    Destination,
    DestinationKind,
    Doubt,
    Route,
)
from ibconsole.ui.setup.route import RouteView
from ibconsole.ui.toolkit.theme import Theme

FORWARD = Destination(DestinationKind.FORWARD, "hooks.example.com/in", doubt=Doubt.LOOPBACK)
PULL = Destination(DestinationKind.PULL, "Waits to be pulled")


@pytest.fixture
def view(theme: Theme, qtbot: QtBot) -> RouteView:
    view = RouteView(theme)
    qtbot.addWidget(view)
    view.show()
    return view


def test_sentence_and_drawing(view: RouteView) -> None:
    """A route is a sentence, with its notes as the tooltip, and a drawing that has a name."""
    view.show_route("Bora Bank", Route("It is posted.", (FORWARD, PULL), ("Not documented.",)))

    assert view.isVisible()
    assert view.sentence.text() == "It is posted."
    assert "Not documented." in view.sentence.toolTip()
    assert view.drawing.accessibleName() == (
        "Route: Bora Bank to the platform to hooks.example.com/in (loopback); Waits to be pulled"
    )


def test_unknown_route_has_no_drawing(view: RouteView) -> None:
    """A route that is not known is not drawn."""
    view.show_route("Bora Bank", UNKNOWN)

    assert view.isVisible()
    assert not view.drawing.isVisible()


@pytest.mark.parametrize("compact", [False, True])
def test_a_selection_moves_nothing(view: RouteView, *, compact: bool) -> None:
    """Without a route the view says what to do, and is as high as with a usual one."""
    view.set_compact(on=compact)
    heights = set()
    for route in (None, UNKNOWN, NO_CONFIGURATION):
        view.show_route("Bora Bank", route)
        heights.add(max(view.minimumHeight(), view.heightForWidth(1000)))
    assert len(heights) == 1
    view.show_route("", None)
    assert "Choose an application" in (view.line if compact else view.sentence).text()


def test_hidden_on_request(view: RouteView) -> None:
    """The user can hide the view; a new route does not bring it back."""
    view.set_shown(on=False)
    view.show_route("Bora Bank", NO_CONFIGURATION)
    assert not view.isVisible()
    view.set_shown(on=True)
    assert view.isVisible()


def test_one_line_in_a_low_window(view: RouteView) -> None:
    """A low window shows the route on one line, with the sentence and the notes as the tooltip."""
    route = Route("It is posted.", (FORWARD, PULL), ("Not documented.",))
    view.show_route("Bora Bank", route)
    whole = view.sizeHint().height()
    view.resize(1024, whole)

    view.set_compact(on=True)

    assert view.sizeHint().height() < whole / 2
    assert view.line.isVisible()
    assert not view.sentence.isVisible()
    assert view.line.text() == "It is posted."
    assert "Not documented." in view.line.toolTip()
    assert not view.grab().isNull()
    view.resize(view.drawing.minimumSizeHint().width() + 80, whole)
    assert not view.line.isVisible()  # a word and an ellipsis would say nothing
    assert "It is posted." in view.drawing.toolTip()

    view.set_compact(on=False)
    assert view.sizeHint().height() == whole


@pytest.mark.parametrize(("count", "rows"), [(1, 1), (3, 3), (9, 3)])
def test_many_stops_are_drawn_in_three_rows(view: RouteView, count: int, rows: int) -> None:
    """The drawing grows to three rows, and counts further actions in the last one."""
    view.show_route("Bora Bank", NO_CONFIGURATION)
    one_row = view.drawing.sizeHint().height()

    view.show_route("Bora Bank", Route("Shared.", (FORWARD,) * count))

    assert view.drawing.sizeHint().height() == rows * one_row
    assert not view.grab().isNull()


def test_destinations_are_opened(view: RouteView, qtbot: QtBot) -> None:
    """A destination with a URL is opened by a click, or with the arrow keys and Enter."""
    other = Destination(DestinationKind.FORWARD, "b.io/in", "https://b.io/in")
    first = Destination(DestinationKind.FORWARD, "a.io/in", "https://a.io/in")
    view.resize(900, 120)
    view.show_route("Bora Bank", Route("They share.", (first, PULL, other)))
    drawing = view.drawing
    qtbot.waitUntil(lambda: drawing.width() > 600)

    with qtbot.waitSignal(view.test_requested) as opened:
        qtbot.mouseClick(drawing, Qt.MouseButton.LeftButton, pos=QPoint(420, 12))
    assert opened.args == ["https://a.io/in"]

    qtbot.keyClick(drawing, Qt.Key.Key_Down)
    with qtbot.waitSignal(view.test_requested) as opened:
        qtbot.keyClick(drawing, Qt.Key.Key_Return)
    assert opened.args == ["https://b.io/in"]


def test_a_route_without_urls_is_no_stop(view: RouteView) -> None:
    """Tab does not stop at a drawing where nothing can be opened."""
    view.show_route("Bora Bank", Route("It waits.", (PULL,)))
    assert view.drawing.focusPolicy() is Qt.FocusPolicy.NoFocus


def test_on_one_line_the_end_is_readable(view: RouteView) -> None:
    """In the smallest window the sentence is shortened, not the name of the destination."""
    view.resize(1024, 40)
    view.set_compact(on=True)
    view.show_route("Lumen Mobile", NO_CONFIGURATION)
    view.layout().activate()  # type: ignore[union-attr]
    [end] = NO_CONFIGURATION.destinations
    label = view.fontMetrics().horizontalAdvance(f"{end.label}  {end.doubt or ''}")
    assert view.drawing.width() > view.drawing._left + label
