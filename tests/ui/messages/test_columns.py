"""The columns of the list of messages."""

from PySide6.QtCore import Qt

from ibconsole.archive.records import Flags
from ibconsole.model.application import read_applications
from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.messages.presenter import MessagesPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.text import ApplicationNames
from tests.ui.messages.steps import FakeArchive, arrive
from tests.ui.sample_records import CODE


async def test_application_names(
    pane: MessagesPane,
    presenter: MessagesPresenter,
    archive: FakeArchive,
    names: ApplicationNames,
    tasks: UiTasks,
) -> None:
    """An application is shown by its name as soon as that is known."""
    await arrive(presenter, archive, tasks, 1)
    assert pane.model.index(0, 3).data() == "2336…8b53"

    names.add(read_applications([{"applicationCode": CODE, "name": "Shop"}]))
    assert pane.model.index(0, 3).data() == "Shop"


async def test_flags_are_words(
    pane: MessagesPane, presenter: MessagesPresenter, archive: FakeArchive, tasks: UiTasks
) -> None:
    """Flags are shown as words, and explained in the tooltip."""
    archive.flags = Flags.DUPLICATE | Flags.ODD
    await arrive(presenter, archive, tasks, 1)
    cell = pane.model.index(0, 8)

    assert cell.data() == "duplicate, unusual"
    assert "arrived before" in cell.data(Qt.ItemDataRole.ToolTipRole)


async def test_times_in_the_tooltip(
    pane: MessagesPane, presenter: MessagesPresenter, archive: FakeArchive, tasks: UiTasks
) -> None:
    """The tooltip of a time has both instants in full, with the zone."""
    await arrive(presenter, archive, tasks, 1)

    tooltip = pane.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)

    assert "Received by the platform" in tooltip
    assert "2017-01-05T12:47:56.221+00:00" in tooltip


async def test_codes_in_texts_are_masked(
    pane: MessagesPane, presenter: MessagesPresenter, archive: FakeArchive, tasks: UiTasks
) -> None:
    """A code that the message's own text repeats is masked there, too."""
    archive.text = f"code {CODE}"
    await arrive(presenter, archive, tasks, 1)
    cell = pane.model.index(0, 6)

    assert cell.data() == "code 2336…8b53"
    assert CODE not in cell.data(Qt.ItemDataRole.ToolTipRole)


async def test_long_texts(
    pane: MessagesPane, presenter: MessagesPresenter, archive: FakeArchive, tasks: UiTasks
) -> None:
    """A cell has the beginning of a long text, and a match behind it is marked all the same."""
    archive.text = f"{'far ' * 200}order"
    await arrive(presenter, archive, tasks, 1)
    assert len(pane.model.index(0, 6).data()) == 200

    pane.marked[-1].mark("order")
    text, spans = pane.marked[-1].matches(0)
    assert [text[start:end] for start, end in spans] == ["order"]
