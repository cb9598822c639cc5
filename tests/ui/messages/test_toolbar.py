"""The controls above the list of messages."""

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ibconsole.archive.conditions import ByLag, Contains, NoneOf, Relation
from ibconsole.archive.records import Filter, Flags, Via
from ibconsole.model import read_application
from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.messages.presenter import MessagesPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.text import ApplicationNames
from tests.ui.messages.steps import FakeArchive
from tests.ui.sample_records import CODE


async def test_kinds_and_application(
    pane: MessagesPane, presenter: MessagesPresenter, archive: FakeArchive, tasks: UiTasks
) -> None:
    """The list can be limited to duplicates, and to the selected application."""
    menu = pane.toolbar.kind.menu()
    assert menu is not None
    next(action for action in menu.actions() if action.text() == "Duplicates").trigger()
    pane.select_application(CODE, "Shop")
    pane.toolbar.only_selected.click()
    assert pane.toolbar.filter == Filter(application=CODE, flags=Flags.DUPLICATE)

    pane.select_application("", "")
    assert pane.toolbar.filter == Filter(flags=Flags.DUPLICATE)
    await tasks.settled()


def test_controls_have_names(pane: MessagesPane) -> None:
    """Every control has a name for screen readers."""
    bar = pane.toolbar
    controls = (
        bar.unseen, bar.search, bar.kind, bar.only_selected, bar.follow,
        pane.table,
    )  # fmt: skip

    assert all(control.accessibleName() for control in controls)


def test_typing_filters_after_a_pause(pane: MessagesPane, qtbot: QtBot) -> None:
    """Typed text becomes the filter once the user pauses; clearing it counts as typing."""
    for text in ("even", ""):
        with qtbot.waitSignal(pane.toolbar.filter_changed) as emitted:
            pane.toolbar.search.selectAll()
            qtbot.keyClicks(pane.toolbar.search, text) if text else pane.toolbar.search.clear()
        assert emitted.args == [Filter(text=text)]


def test_new_rows_above(pane: MessagesPane, qtbot: QtBot) -> None:
    """New rows out of sight are counted on a button that leads to them."""
    pane.toolbar.show_unseen(1200)
    assert pane.toolbar.unseen.text() == "1,200 new"
    with qtbot.waitSignal(pane.toolbar.newest_requested):
        pane.toolbar.unseen.click()

    pane.toolbar.show_unseen(0)
    assert pane.toolbar.unseen.isHidden()


async def test_criteria_from_a_message(
    pane: MessagesPane, presenter: MessagesPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """Conditions from a message are shown as buttons, each of which removes its own."""
    bar = pane.toolbar
    pane.select_application(CODE, "Shop")
    bar.only_selected.click()
    bar.add_criterion("keyword", "STOP", "STOP")
    bar.add_criterion("application", "other", "Other shop")
    bar.add_criterion("sender", "device-1234567890-1234567890", "device-1234567890-1234567890")
    assert bar.filter == Filter(
        keyword="STOP", application="other", sender="device-1234567890-1234567890"
    )
    assert {name: button.text() for name, button in bar.criteria.items()} == {
        "sender": "From device-1234567890-12…",
        "application": "Application Other shop",
        "keyword": "Keyword STOP",
    }
    with qtbot.waitSignal(bar.filter_changed):
        bar.criteria["sender"].click()
    assert bar.filter == Filter(keyword="STOP", application="other")

    bar.only_selected.click()
    assert bar.filter == Filter(keyword="STOP", application=CODE)

    bar.clear_filter()
    assert bar.filter == Filter()
    assert all(button.isHidden() for button in bar.criteria.values())
    await tasks.settled()


def test_a_narrow_row_has_icons(pane: MessagesPane, qtbot: QtBot) -> None:
    """Where there is no room for texts, no control covers another; names and tooltips stay."""
    bar = pane.toolbar
    pane.select_application(CODE, "Shop")
    pane.resize(1000, 400)
    pane.show()
    qtbot.waitExposed(pane)
    assert bar.follow.text() == "Follow"

    bar.resize(540, bar.height())
    bar.layout().activate()  # type: ignore[union-attr]
    controls = (bar.pulling.pull, bar.pulling.more, bar.pulling.limit, bar.search, bar.follow)
    places = [(one.mapTo(bar, one.rect().topLeft()).x(), one.width()) for one in controls]

    assert not bar.follow.text()
    assert bar.only_selected.toolTip() == "Only messages of Shop"
    assert all(x + width <= after for (x, width), (after, _) in pairwise(places))
    assert bar.minimumSizeHint().width() <= 540


def test_texts_are_whole_or_not_there(pane: MessagesPane, qtbot: QtBot) -> None:
    """At no width is a text of a button cut, and nothing that appears takes a text away."""
    bar = pane.toolbar
    pane.show()
    for width in (520, 610, 700, 820, 900):
        pane.resize(width, 300)
        texts = bar.follow.text(), bar.only_selected.text()
        bar.show_unseen(1_000)
        qtbot.waitUntil(bar.unseen.isVisible)

        assert (bar.follow.text(), bar.only_selected.text()) == texts
        for button in (bar.follow, bar.only_selected):
            assert not button.text() or button.width() >= button.sizeHint().width()
        bar.show_unseen(0)


def typed(pane: MessagesPane, text: str) -> None:
    """Type a text and press Return."""
    field = pane.toolbar.search
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_the_filter_language(pane: MessagesPane, names: ApplicationNames, qtbot: QtBot) -> None:
    """The field understands fields, names of applications and operators, next to the controls."""
    names.add([read_application({"applicationCode": CODE, "name": "Demo shop"})])
    next(one for one in pane.toolbar.kind.menu().actions() if one.text() == "Pulled").trigger()
    with qtbot.waitSignal(pane.toolbar.filter_changed) as emitted:
        typed(pane, 'app:"demo shop" lag:>10m')
    assert emitted.args == [
        Filter(
            application=CODE,
            via=Via.PULL,
            condition=ByLag(comparison=Relation.GREATER, lag_ms=600_000),
        )
    ]

    typed(pane, "-stop")
    assert pane.filter == Filter(via=Via.PULL, condition=NoneOf(condition=Contains(text="stop")))


def test_an_error_is_shown_at_its_character(pane: MessagesPane, qtbot: QtBot) -> None:
    """While a text is not understood, the list stays, and the field says why and where."""
    pane.show()
    bar = pane.toolbar
    typed(pane, "stop")
    with qtbot.assertNotEmitted(bar.filter_changed):
        typed(pane, "stop via:pul")
    assert bar.problem.isVisible()
    assert bar.problem.text() == "Expected pull or forward after via:."
    assert bar.filter == Filter(text="stop")
    mark = bar.search.error_mark
    assert mark is not None
    text = bar.search.fontMetrics()
    begin = bar.search.cursorRect().center().x() - text.horizontalAdvance("stop via:pul")
    assert mark[0] == begin + text.horizontalAdvance("stop via:")
    bar.search.repaint()

    qtbot.keyClicks(bar.search, "l")
    assert bar.search.error_mark is None
    with qtbot.waitSignal(bar.filter_changed) as emitted:
        qtbot.keyClick(bar.search, Qt.Key.Key_Return)
    assert emitted.args == [Filter(text="stop", via=Via.PULL)]
    assert not bar.problem.isVisible()

    typed(pane, "app:none...here")
    assert "masked code" in bar.problem.text()
    assert bar.search.error_mark is None


async def test_paths_are_prepared_in_the_background(
    pane: MessagesPane, presenter: MessagesPresenter, tasks: UiTasks
) -> None:
    """The library that reads paths into JSON is not imported on the window's thread."""
    QTest.keyClicks(pane.toolbar.search, "json:$..x")
    assert tasks.running("json paths")
    await tasks.settled()

    QTest.keyClicks(pane.toolbar.search, "=1")
    assert not tasks.running("json paths")
    typed(pane, "")
    await tasks.settled()


def test_an_unfinished_word_is_no_error(pane: MessagesPane, qtbot: QtBot) -> None:
    """While values are offered, the missing one is not reported, unless Return asks for it."""
    pane.show()
    bar = pane.toolbar
    with qtbot.waitSignal(bar._typing.timeout):
        qtbot.keyClicks(bar.search, "via:")
    assert [one.text for one in bar.completions.candidates] == ["pull", "forward"]
    assert not bar.problem.isVisible()

    qtbot.keyClick(bar.search, Qt.Key.Key_Return)
    assert bar.problem.isVisible()
    bar.completions.view.hide()
