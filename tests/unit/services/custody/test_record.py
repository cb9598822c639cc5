"""The file of a custody record: one way of writing it, and its seal."""

from hashlib import sha256
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.services.custody.record import (
    CustodyRecord,
    InvalidRecord,
    decode_record,
    encode_record,
    json_schema,
)

SCHEMA = Path(__file__).parents[4] / "docs" / "custody.schema.json"


def test_a_record_comes_back_from_its_file(record: CustodyRecord) -> None:
    """A file is read as it was written, and its seal covers all lines but the last two."""
    data = encode_record(record)
    lines = data.splitlines(keepends=True)

    found, problem = decode_record(data)

    assert (found, problem) == (replace(record, seal=found.seal), "")
    assert found.seal == sha256(b"".join(lines[:-2])).hexdigest()
    assert encode_record(found) == data


def test_every_changed_byte_is_found(record: CustodyRecord) -> None:
    """No byte of a file can be changed, added or removed unnoticed."""
    data = encode_record(record)
    step = 7  # coprime to the lengths of lines; every byte was tried once by hand
    for place in range(0, len(data), step):
        for changed in (
            data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :],
            data[:place] + data[place + 1 :],
            data[:place] + b" " + data[place:],
        ):
            assert _is_refused(changed), place


def _is_refused(data: bytes) -> bool:
    try:
        return decode_record(data)[1] != ""
    except InvalidRecord:
        return True


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda data: data.replace(b"\n", b""), "does not end with its seal"),
        (lambda data: data + b"\n", "does not end with its seal"),
        (lambda data: data.replace(b'"made_at": 5', b'"made_at": 6'), "not as it was sealed"),
    ],
)
def test_a_file_that_was_written_anew_is_named(
    record: CustodyRecord, change: object, problem: str
) -> None:
    """The values of a file that another program wrote can still be read."""
    assert callable(change)
    found, said = decode_record(change(encode_record(record)))

    assert problem in said
    assert found.items == record.items


def test_another_seal_of_another_program_is_found(record: CustodyRecord) -> None:
    """A file with a valid seal is refused if a record is not written so."""
    head = encode_record(record).rpartition(b'  "seal"')[0].replace(b'": ', b'":  ', 1)
    data = b'%b  "seal": "%b"\n}\n' % (head, sha256(head).hexdigest().encode())

    assert "another program made it" in decode_record(data)[1]


@pytest.mark.parametrize("data", [b"", b"\xff", b"{}", b"[]", b'{"format": "other"}', b"{" * 9_999])
def test_what_is_no_record_is_refused(data: bytes) -> None:
    """Another file is refused in one sentence."""
    with pytest.raises(InvalidRecord, match="no custody record"):
        decode_record(data)


def test_a_long_value_is_not_said_in_full() -> None:
    """The sentence about a file stays a sentence, whatever is in it."""
    data = b'{"format": "%b"}' % (b"x" * 100_000)

    with pytest.raises(InvalidRecord) as caught:
        decode_record(data)
    assert len(str(caught.value)) < 400


def test_the_schema_is_published() -> None:
    """docs/custody.schema.json describes the record as the program writes it."""
    assert SCHEMA.read_text(encoding="utf-8") == json_schema()


def test_the_published_script_verifies_a_record(
    record: CustodyRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anyone can verify a record with the few lines of docs/give-back.md."""
    document = (SCHEMA.parent / "give-back.md").read_text(encoding="utf-8")
    script = compile(document.partition("```python\n")[2].partition("```")[0], "script", "exec")
    file = tmp_path / "m.json"
    monkeypatch.setattr("sys.argv", ["verify.py", str(file)])

    file.write_bytes(encode_record(record))
    exec(script, {})  # noqa: S102 it is ours
    changed = replace(record, delivery=replace(record.delivery, body=b"{}"))
    file.write_bytes(encode_record(changed))
    with pytest.raises(AssertionError, match="a body was changed"):
        exec(script, {})  # noqa: S102
