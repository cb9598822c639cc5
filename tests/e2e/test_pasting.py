"""What is pasted on the window opens the place where it belongs, and sends nothing."""

from PySide6.QtGui import QGuiApplication

from ibconsole.model.application import Application
from ibconsole.services.pasting import PasteOffer
from ibconsole.ui.pasting import PasteDialog
from ibconsole.ui.tables.records_model import RecordRole
from ibconsole.ui.toolkit.commands import Command
from tests.e2e.conftest import ScenarioRunner, WindowSession

CURL = """curl https://x.example/in --json '{"results":[{"messageId":"1","text":"hi"}]}'"""


def applications(session: WindowSession) -> list[Application]:
    model = session.window.setup.applications_pane.table.model()
    return [model.index(row, 0).data(RecordRole) for row in range(model.rowCount())]


async def take(session: WindowSession, text: str, offer: PasteOffer) -> None:
    """Paste a text, and take an offer."""
    window = session.window
    QGuiApplication.clipboard().setText(text)
    [paste] = [one for one in window.actions() if one.text() == "Paste anything…"]
    assert isinstance(paste, Command)

    def opened() -> list[PasteDialog]:
        return [one for one in window.findChildren(PasteDialog) if one.isVisible()]

    paste.trigger()
    await session.until(opened)
    opened()[0].buttons[offer].click()


def test_places_of_what_is_pasted(run_scenario: ScenarioRunner) -> None:
    """A command goes to the forward test, an ID and a code to the messages, a URL to the setup."""

    async def scenario(session: WindowSession) -> None:
        window = session.window
        await session.until(lambda: bool(applications(session)))
        last = applications(session)[-1]

        await take(session, CURL, PasteOffer.TEST_URL)
        assert window.late.forward_test.is_current
        assert window.forward_test.url.text() == "https://x.example/in"
        assert b'"messageId":"1"' in window.forward_test.payload.body

        await take(session, "1561984815238926404", PasteOffer.FIND_MESSAGES)
        assert window.messages.filter.text == "1561984815238926404"
        await take(session, last.code, PasteOffer.FIND_MESSAGES)
        assert (window.messages.filter.text, window.messages.filter.application) == ("", last.code)

        await take(session, '{"a": 1}', PasteOffer.USE_AS_PAYLOAD)
        assert window.forward_test.payload.body == b'{"a": 1}'
        url = f"{window.bar.base_url.text()}/push/1/applications/{last.code}"
        await take(session, url, PasteOffer.SHOW_APPLICATION)
        table = window.setup.applications_pane.table
        assert [one.code for one in table.selected_records] == [last.code]
        assert window.forward_test.results.previous_tests.total == 0

    run_scenario(scenario)
