"""The connections: the bar on top, dialogs that change them, and the page while one is opened."""

from ibconsole.ui.connections.connecting_page import ConnectingPage
from ibconsole.ui.connections.connection_bar import ConnectionBar
from ibconsole.ui.connections.keyring_doctor import KeyringDoctor
from ibconsole.ui.connections.presenter import ConnectionsPresenter, SetupPage

__all__ = [
    "ConnectingPage",
    "ConnectionBar",
    "ConnectionsPresenter",
    "KeyringDoctor",
    "SetupPage",
]
