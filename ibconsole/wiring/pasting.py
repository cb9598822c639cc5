"""Composes pasting: what the window knows, and the places that a pasted thing is taken to."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ibconsole.lazy import LazyModule
from ibconsole.services.pasting import PasteContext, Pasted, PasteOffer
from ibconsole.text import mask_code
from ibconsole.ui.connections import ConnectionsPresenter
from ibconsole.ui.links import LinkPresenter
from ibconsole.ui.pasting import PasteCommands
from ibconsole.ui.setup import SetupPresenter, SetupSelection
from ibconsole.wiring.shell import Shell

if TYPE_CHECKING:
    from ibconsole.services import connections as connection_values
else:  # only a credential needs them
    connection_values = LazyModule("ibconsole.services.connections")

_KINDS = {"Basic": "BASIC", "Bearer": "OAUTH2", "IBSSO": "IBSSO"}


def present_pasting(
    shell: Shell,
    selection: SetupSelection,
    setup: SetupPresenter,
    connections: ConnectionsPresenter | None,
    links: LinkPresenter,
) -> None:
    """Offer to paste anything; without saved connections no form is offered for a credential."""
    window = shell.window
    places: dict[PasteOffer, Callable[[Pasted], object]] = {
        PasteOffer.TEST_URL: lambda pasted: _test_url(shell, pasted),
        PasteOffer.USE_AS_PAYLOAD: lambda pasted: _use_payload(shell, pasted),
        PasteOffer.FIND_MESSAGES: lambda pasted: _find_messages(shell, pasted),
        PasteOffer.FOLLOW_LINK: lambda pasted: links.follow(pasted.text),
        PasteOffer.SHOW_APPLICATION: lambda pasted: _show_application(selection, setup, pasted),
    }
    if connections:
        places[PasteOffer.FILL_CONNECTION] = lambda pasted: _fill_connection(connections, pasted)
    commands = PasteCommands(
        lambda: _context(shell, selection), places, shell.tasks, shell.theme, window
    )
    shell.commands.offer(commands.commands)


def _context(shell: Shell, selection: SetupSelection) -> PasteContext:
    status, listed = shell.watch.status, selection.cache.applications
    return PasteContext(
        listener_paths=frozenset(filter(None, (urlsplit(status.listener.url).path,))),
        base_urls=frozenset(filter(None, (status.connection.base_url,))),
        applications={one.code: one.name for one in (listed.items if listed else ())},
    )


def _test_url(shell: Shell, pasted: Pasted) -> None:
    pane = shell.window.forward_test
    shell.commands.view.show_tab(pane)
    pane.test_url(pasted.request.url if pasted.request else pasted.text)
    if pasted.request and pasted.request.body:
        _use_payload(shell, pasted)


def _use_payload(shell: Shell, pasted: Pasted) -> None:
    pane = shell.window.forward_test
    shell.commands.view.show_tab(pane)
    body = pasted.request.body if pasted.request else pasted.text.encode()
    pane.payload.show_payload(body, "Pasted")


def _find_messages(shell: Shell, pasted: Pasted) -> None:
    """List the messages with this ID, of this application, or with this text."""
    messages = shell.window.messages
    shell.commands.view.show_tab(messages)
    by_code = pasted.code and not pasted.message_id
    messages.search_for("" if by_code else pasted.message_id or pasted.text)
    if by_code:
        shown = shell.window.names(pasted.code) or mask_code(pasted.code)
        messages.toolbar.add_criterion("application", pasted.code, shown)


def _show_application(selection: SetupSelection, setup: SetupPresenter, pasted: Pasted) -> None:
    listed = selection.cache.applications.items if selection.cache.applications else ()
    if found := next((one for one in listed if one.code == pasted.code), None):
        setup.go_to(found)


def _fill_connection(connections: ConnectionsPresenter, pasted: Pasted) -> None:
    """Open the form of a new connection with what is known; nothing is saved or sent."""
    request, kinds = pasted.request, connection_values.AuthorizationKind
    kind = kinds[_KINDS.get(request.scheme if request else "", "API_KEY")]
    draft = connection_values.Connection(
        id=connection_values.new_id(),
        name="",
        base_url=pasted.base_url,
        kind=kind,
        identity=request.identity if request else "",
    )
    connections.add_draft(draft, pasted.secret)
