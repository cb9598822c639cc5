import json
from pathlib import Path

import pytest

from ibconsole.archive import Flags, StoredMessage
from ibconsole.services.exporting import ExportFailed, as_object, iso, json_line, masked, write

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a"


def message(body: bytes) -> StoredMessage:
    return StoredMessage(
        id=1,
        delivery=2,
        via="pull",
        application_code=CODE,
        sender="s",
        keyword="",
        text="t",
        received_at=None,
        arrived_at=1_700_000_000_123,
        flags=Flags.DUPLICATE | Flags.ODD,
        connection="c",
        position=0,
        message_id="m",
        duplicate_of=7,
        body=body,
    )


def test_the_platforms_fields_are_at_the_top() -> None:
    """Unknown fields stay; ours stand apart."""
    shown = as_object(message(b'{"messageId":"m","future":[1]}'))

    assert (shown["messageId"], shown["future"]) == ("m", [1])
    assert shown["_ibconsole"]["flags"] == ["duplicate", "odd"]
    assert shown["_ibconsole"]["arrivedAt"] == "2023-11-14T22:13:20.123+00:00"


def test_what_is_no_object_is_exported_too() -> None:
    """Nothing is left out silently."""
    assert as_object(message(b'"stranger"'))["_ibconsole"]["value"] == "stranger"


def test_the_application_code_is_masked_unless_asked_for() -> None:
    """The code doubles as a credential, and stands in more than one field."""
    stored = message(b'{"applicationCode":"%s","to":"%s"}' % (CODE.encode(), CODE.encode()))

    hidden = json.loads(json_line(stored, reveal_codes=False))
    assert (hidden["applicationCode"], hidden["to"]) == ("2336…el4a", "2336…el4a")
    assert json.loads(json_line(stored, reveal_codes=True))["to"] == CODE
    assert masked("short") == "…"


def test_an_export_never_overwrites(tmp_path: Path) -> None:
    """A file that exists is left alone."""
    target = tmp_path / "export.jsonl"

    assert write(target, [b"1\n", b"2\n"]) == 2
    assert target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ExportFailed, match="exists"):
        write(target, [b"3\n"])
    assert target.read_bytes() == b"1\n2\n"


def test_a_place_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    """A missing directory is a sentence, not a traceback."""
    with pytest.raises(ExportFailed, match="cannot be written"):
        write(tmp_path / "missing" / "export.jsonl", [])


def test_times_are_unambiguous() -> None:
    """A time in an export names its zone."""
    assert iso(0) == "1970-01-01T00:00:00.000+00:00"
