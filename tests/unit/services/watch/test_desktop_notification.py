"""Notifications of a Linux desktop."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from jeepney import HeaderFields, MessageFlag, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from ibconsole.services.watch.desktop_notification import (
    find_notification_problem,
    show_notification,
)

ANSWERS = {"GetServerInformation": ("ssss", ("a", "b", "1", "1.2")), "Notify": ("u", (7,))}

needs_bus = pytest.mark.skipif(not shutil.which("dbus-daemon"), reason="dbus is not installed")


@contextmanager
def session_bus() -> Iterator[str]:
    """A private bus; yield its address."""
    with subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address"],  # noqa: S607
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as bus:
        assert bus.stdout
        try:
            yield bus.stdout.readline().strip()
        finally:
            bus.terminate()


def answer(service: DBusConnection, count: int) -> list[tuple[object, ...]]:
    """Answer method calls as a notification service; return what they said."""
    calls: list[tuple[object, ...]] = []
    while len(calls) < count:
        message = service.receive(timeout=10)
        if name := message.header.fields.get(HeaderFields.member):
            if name not in ANSWERS or message.header.flags & MessageFlag.no_reply_expected:
                continue
            calls.append(message.body)
            service.send(new_method_return(message, *ANSWERS[name]))
    return calls


@needs_bus
async def test_a_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notification has its title and text; without a service it is said why there is none."""
    with session_bus() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        assert "no notification service" in await find_notification_problem()
        with open_dbus_connection() as service:
            service.send_and_get_reply(message_bus.RequestName("org.freedesktop.Notifications"))
            answered = asyncio.to_thread(answer, service, 2)
            calls, problem, shown = await asyncio.gather(
                answered, find_notification_problem(), show_notification("Title", "Kestrel")
            )

    assert (problem, shown) == ("", "")
    assert ("ibconsole", 0, "ibconsole", "Title", "Kestrel", [], {}, -1) in calls


async def test_a_bus_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bus that does not answer is no notification, and no error."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")

    assert "does not answer" in await show_notification("Title", "Kestrel")
