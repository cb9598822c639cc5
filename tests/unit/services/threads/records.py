"""Messages of threads for the tests, in an archive and in a team's record."""

from ibconsole.archive.archive import Archive
from ibconsole.archive.records import Flags, StoredMessage, Via
from ibconsole.services.threads.arranging import ThreadEntry
from ibconsole.services.threads.subjects import ThreadKind, ThreadSubject
from tests.unit.archive.deliveries import batch, forward, pull

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53"
SUBJECT = ThreadSubject(kind=ThreadKind.INSTALLATION, value="device")


def entry(
    number: int,
    received: int | None,
    *,
    name: str | None = None,
    via: Via = Via.FORWARD,
    late: int = 0,
    **fields: object,
) -> ThreadEntry:
    """Return a message that was received then, and arrived `late` ms afterwards."""
    message = StoredMessage(
        id=number,
        delivery=number,
        via=via,
        application_code="app",
        sender="device",
        keyword="",
        text="",
        received_at=received,
        arrived_at=(received or 0) + late,
        flags=Flags(0),
        connection=None,
        position=0,
        message_id=str(number) if name is None else name,
        duplicate_of=None,
        body=b"",
    )
    return ThreadEntry(message=message, **fields)  # type: ignore[arg-type]


def message(name: str, sender: str = "device", **fields: object) -> dict[str, object]:
    """Return a message of an installation."""
    return {"messageId": name, "from": sender, "applicationCode": CODE, "text": name, **fields}


def fill(archive: Archive) -> None:
    """Store a conversation over two installations of a subscriber, among other messages."""
    forward(archive, message("1", subscriberId="anna"), arrived_at=1_000)
    forward(archive, message("2", subscriberId="anna", pairedMessageId="1"), arrived_at=2_000)
    forward(archive, *(message(f"x{n}", f"other {n}") for n in range(20)), arrived_at=3_000)
    forward(archive, message("3", "tablet", subscriberId="anna"), arrived_at=4_000)
    pull(archive, batch(message("1", subscriberId="anna"), message("4", initialMessageId="1")))
