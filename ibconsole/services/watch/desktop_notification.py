"""Notifications of a Linux desktop, through its notification service on the session bus.

Windows and macOS have other ways, see `ui.watch`.
"""

import asyncio
import os

from jeepney import DBusAddress, DBusErrorResponse, new_method_call
from jeepney.io.asyncio import open_dbus_router
from jeepney.wrappers import unwrap_msg

_SERVICE = DBusAddress(
    "/org/freedesktop/Notifications",
    bus_name="org.freedesktop.Notifications",
    interface="org.freedesktop.Notifications",
)
_DEADLINE = 5.0  # seconds


async def find_notification_problem() -> str:
    """Return why this desktop shows no notifications, empty if it shows some."""
    return await _call("GetServerInformation", "", ())


async def show_notification(title: str, body: str) -> str:
    """Show a notification; return why it was not shown, empty if it was."""
    return await _call(
        "Notify", "susssasa{sv}i", ("ibconsole", 0, "ibconsole", title, body, [], {}, -1)
    )


async def _call(method: str, signature: str, arguments: tuple[object, ...]) -> str:
    if not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return "This session has no bus (D-Bus), so no notification can be shown."
    message = new_method_call(_SERVICE, method, signature or None, arguments)
    try:
        async with asyncio.timeout(_DEADLINE), open_dbus_router() as router:
            unwrap_msg(await router.send_and_get_reply(message))
    except DBusErrorResponse:
        return "The desktop has no notification service, so no notification can be shown."
    except (OSError, TimeoutError, EOFError) as error:
        return f"The notification service does not answer ({type(error).__name__})."
    return ""
