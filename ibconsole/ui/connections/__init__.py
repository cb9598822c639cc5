"""The connections: the bar on top, dialogs that change them, and the page while one is opened."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.connections.connecting_page import ConnectingPage
    from ibconsole.ui.connections.connection_bar import ConnectionBar
    from ibconsole.ui.connections.keyring_doctor import KeyringDoctor
    from ibconsole.ui.connections.postman_export import PostmanExport
    from ibconsole.ui.connections.presenter import ConnectionsPresenter, SetupPage
    from ibconsole.ui.connections.protection_presenter import ProtectionPresenter
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "connecting_page": "ConnectingPage",
            "connection_bar": "ConnectionBar",
            "keyring_doctor": "KeyringDoctor",
            "postman_export": "PostmanExport",
            "presenter": "ConnectionsPresenter SetupPage",
            "protection_presenter": "ProtectionPresenter",
        },
    )

__all__ = [
    "ConnectingPage",
    "ConnectionBar",
    "ConnectionsPresenter",
    "KeyringDoctor",
    "PostmanExport",
    "ProtectionPresenter",
    "SetupPage",
]
