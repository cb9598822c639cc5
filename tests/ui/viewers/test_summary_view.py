import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.ui.toolkit.theme import Scheme, Theme
from ibconsole.ui.viewers.facts import Fact, RecordKind, Remark, Summary
from ibconsole.ui.viewers.summary_view import SummaryView
from ibconsole.ui.widgets.copy_field import CopyField

CODE = "233623e3c860b49ec69a464834343481-8b53"
FACTS = (
    Fact("Keyword", "KEYWORD"),
    Fact("Code", CODE, is_code=True, is_secret=True),
    Fact("Part of", "Request 7", link=(RecordKind.DELIVERY, 7)),
)
SUMMARY = Summary(
    "Message 1",
    "Hello",
    (Remark(Severity.WARNING, "It is odd."),),
    (("", FACTS[:1]), ("More", FACTS[1:])),
)


@pytest.fixture
def view(theme: Theme, qtbot: QtBot) -> SummaryView:
    view = SummaryView(theme)
    qtbot.addWidget(view)
    view.resize(400, 400)
    view.show()
    return view


def test_summary(view: SummaryView) -> None:
    """A summary shows title, text, remarks, and the facts under the titles of their sections."""
    view.show_summary(SUMMARY)

    assert (view.title.text(), view.lead.text()) == ("Message 1", "Hello")
    assert [banner.text.text() for banner in view.banners] == ["It is odd."]
    labels = [row.title.text() or row.label.text() for row in view.rows]
    assert labels == ["Keyword", "More", "Code", "Part of"]


def test_prepared_rows(view: SummaryView) -> None:
    """What is missing is created in steps, unseen, and then shown without anything new."""
    view.show_summary(Summary("First", "", (), (("", FACTS[:2]),)))
    shown = [row.label.text() for row in view.rows if not row.isHidden()]
    fields = view.findChildren(CopyField)
    steps = len(list(view.prepare(SUMMARY)))
    prepared = [row.label.text() for row in view.rows if not row.isHidden()]
    rows = list(view.rows)
    view.show_summary(SUMMARY)

    assert (shown, prepared) == (["Keyword", "Code"], ["Keyword", "Code"])
    assert (steps, len(fields)) == (2, 1)
    assert view.rows == rows
    assert not any(row.isHidden() for row in rows)
    assert list(view.prepare(SUMMARY)) == []


def test_a_prepared_field(view: SummaryView) -> None:
    """A row that showed a text gets the field of a code in a step, unseen until then."""
    view.show_summary(Summary("First", "", (), (("", FACTS[:1]),)))
    code = Summary("Second", "", (), (("", FACTS[1:2]),))
    steps = len(list(view.prepare(code)))
    [field] = view.findChildren(CopyField)
    before = (field.isHidden(), view.rows[0].text.isHidden())
    view.show_summary(code)

    assert (steps, before) == (1, (True, False))
    assert (field.isHidden(), view.rows[0].code) == (False, field)


def test_a_secret_is_masked(view: SummaryView) -> None:
    """A secret is masked until the user reveals it."""
    view.show_summary(SUMMARY)

    code = view.rows[2].code
    assert code
    assert code.value == CODE
    assert code.label.text() == "2336…8b53"


def test_a_link_leads_to_its_record(view: SummaryView, qtbot: QtBot) -> None:
    """A fact that refers to another record has a button that requests it."""
    view.show_summary(SUMMARY)

    with qtbot.waitSignal(view.link_activated) as emitted:
        qtbot.mouseClick(view.rows[3].link, Qt.MouseButton.LeftButton)

    assert emitted.args == [RecordKind.DELIVERY, 7]


def test_rows_are_reused(view: SummaryView) -> None:
    """The next summary reuses the rows, and shows nothing of the previous one."""
    view.show_summary(SUMMARY)
    rows = list(view.rows)

    view.show_summary(Summary("Message 2", "", (), (("", (Fact("From", "a"),)),)))

    assert view.rows == rows
    assert [row.isVisible() for row in view.rows] == [True, False, False, False]
    assert not view.banners[0].isVisible()
    assert view.lead.isHidden()


SEARCHED = Summary(
    "Message 1",
    "an order",
    (),
    (
        (
            "",
            (
                Fact("Keyword", "ORDER", is_searched=True),
                Fact("From", "order-1", is_code=True, is_searched=True),
                Fact("Via", "order"),
            ),
        ),
    ),
)


def test_matches_are_marked(view: SummaryView, theme: Theme) -> None:
    """Matches are marked in what was searched: text, keyword, sender, message ID; not elsewhere."""
    view.mark("order")
    view.show_summary(SEARCHED)
    keyword, sender, via = view.rows
    assert theme.colours.match in view.lead.text()
    assert view.lead.accessibleName() == "an order"
    assert theme.colours.match in keyword.text.text()
    assert sender.code
    assert sender.code.label.wanted == "order"
    assert via.text.text() == "order"

    view.show_summary(SUMMARY)
    assert (view.lead.text(), view.rows[0].text.text()) == ("Hello", "KEYWORD")

    view.mark("hell")
    theme.apply(Scheme.DARK)
    assert theme.colours.match in view.lead.text()
    view.mark("")
    assert view.lead.text() == "Hello"
