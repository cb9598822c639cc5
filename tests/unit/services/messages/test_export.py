"""Export: its formats, masks and remarks."""

import csv
import html
import io
import json
import re
import tarfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Flags, StoredMessage, Via
from ibconsole.model.answers import AnswerOutcome, GivenAnswer, PlannedAnswer, SentAnswer
from ibconsole.model.reading import encode
from ibconsole.services.connections import JsonColumn
from ibconsole.services.messages.export import (
    Export,
    ExportFailed,
    ExportOptions,
    Format,
)
from ibconsole.services.messages.json_lines import iso_time, message_object
from ibconsole.services.messages.spreadsheet import protect_text
from ibconsole.services.messages.spreadsheet_rows import COLUMNS
from ibconsole.services.protection import NotPermitted, Policy, PolicyInForce
from ibconsole.text import mask_code
from tests.unit.archive.deliveries import arrival, batch

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a"


def message(body: bytes) -> StoredMessage:
    return StoredMessage(
        id=1,
        delivery=2,
        via=Via.PULL,
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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    with Archive(path) as archive:
        yield archive


def pull(archive: Archive, body: bytes) -> None:
    delivery = archive.begin_pull(connection="c", base_url="https://x.example", limit=9)
    archive.append_answer(delivery, body)
    archive.finish_pull(delivery, status=200, headers=[("A", "b")], complete=True, problem="")


def exported(path: Path, options: ExportOptions) -> tuple[bytes, tuple[str, ...]]:
    file = io.BytesIO()
    with Reader(path) as reader:
        export = Export(reader, options)
        export.write(file, lambda _: None)
        return file.getvalue(), export.summary.remarks


def test_message_object() -> None:
    """The platform's fields, unknown ones too, are at the top; the console's are apart."""
    shown = message_object(message(b'{"messageId":"m","future":[1]}'))

    assert (shown["messageId"], shown["future"]) == ("m", [1])
    assert shown["_ibconsole"]["flags"] == ["duplicate", "odd"]
    assert shown["_ibconsole"]["arrivedAt"] == "2023-11-14T22:13:20.123+00:00"


def test_message_that_is_no_object() -> None:
    """A message that is no object is exported as a value."""
    assert message_object(message(b'"text"'))["_ibconsole"]["value"] == "text"


def test_message_object_says_what_a_rule_answered() -> None:
    """The rule that answered a forward is shown with its message, and what was sent."""
    sent = SentAnswer(AnswerOutcome.LEFT, 0, 2.1, 3)
    answer = GivenAnswer(PlannedAnswer("outage", "down", 503, delay=9.0), sent)

    assert message_object(message(b"{}"), answer)["_ibconsole"]["answer"] == {
        "scenario": "outage",
        "rule": "down",
        "status": 503,
        "planned": "status 503 after 9 s",
        "sent": "The sender left after 2.1 s, 0 bytes were sent.",
    }


def test_time_zone() -> None:
    """A time in an export includes its zone."""
    assert iso_time(0) == "1970-01-01T00:00:00.000+00:00"


def test_columns_from_json_paths(archive: Archive, path: Path) -> None:
    """They follow the other columns, whole, masked and protected; JSON Lines have none."""
    columns = (JsonColumn("Order", "$.order"), JsonColumn("=To", "$.to"))
    long = f"=1+2 {'x' * 500}"
    pull(archive, batch({"applicationCode": CODE, "order": long, "to": f"for {CODE}"}, {}))

    table, remarks = exported(path, ExportOptions(Format.CSV, columns=columns))
    workbook, _ = exported(path, ExportOptions(Format.XLSX, columns=columns))
    shown, _ = exported(path, ExportOptions(Format.CSV, columns=columns, reveal_codes=True))

    rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
    assert [row[len(COLUMNS) :] for row in rows] == [
        ["Order", "'=To"], [f"'{long}", "for 2336…el4a"], ["", ""]
    ]  # fmt: skip
    assert "1 cell got an apostrophe" in remarks[0]
    assert [row[len(COLUMNS) :] for row in sheet_of(workbook, 2)] == [
        ["Order", "=To"], [long, "for 2336…el4a"], ["", ""]
    ]  # fmt: skip
    assert f"for {CODE}" in shown.decode()
    with pytest.raises(ExportFailed, match="jsonl has no columns"):
        exported(path, ExportOptions(Format.JSONL, columns=columns))


@pytest.mark.parametrize("format_", [Format.JSONL, Format.CSV])
def test_codes_are_masked(archive: Archive, path: Path, format_: Format) -> None:
    """Application codes are masked in every field, unless they are to be revealed."""
    pull(archive, batch({"applicationCode": CODE, "to": CODE, "text": "t"}))

    hidden, _ = exported(path, ExportOptions(format_))
    assert CODE.encode() not in hidden
    assert hidden.count("2336…el4a".encode()) + hidden.count(rb"2336\u2026el4a") >= 2
    shown, _ = exported(path, ExportOptions(format_, reveal_codes=True))
    assert CODE.encode() in shown
    assert mask_code("short") == "…"


def test_excel(archive: Archive, path: Path) -> None:
    """The columns are those of CSV, each cell a text; codes are masked in all of them."""
    element = {"messageId": "1561984815238926404", "applicationCode": CODE, "text": f"=\n{CODE}"}
    pull(archive, batch(element, {"messageId": "2"}))

    hidden, remarks = exported(path, ExportOptions(Format.XLSX))
    shown, _ = exported(path, ExportOptions(Format.XLSX, reveal_codes=True))

    [header, first, second] = sheet_of(hidden)
    cells = dict(zip(header, first, strict=True))
    assert header == list(COLUMNS)
    assert cells["messageId"] == "1561984815238926404"
    assert cells["applicationCode"] == "2336…el4a"
    assert cells["text"] == "=\n2336…el4a"
    assert json.loads(cells["json"])["applicationCode"] == "2336…el4a"
    assert dict(zip(header, second, strict=True))["messageId"] == "2"
    assert (CODE in str(sheet_of(shown)), remarks) == (True, ())


def sheet_of(data: bytes, added: int = 0) -> list[list[str]]:
    """Read the cells of the first sheet of a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as workbook:
        sheet = workbook.read("xl/worksheets/sheet1.xml").decode()
    rows = []
    for row in re.findall("<row.*?</row>", sheet, re.DOTALL):
        cells = re.findall(r'<c r="([A-Z])\d+".*?<t[^>]*>(.*?)</t>', row, re.DOTALL)
        found = {ord(column) - ord("A"): html.unescape(text) for column, text in cells}
        rows.append([found.get(place, "") for place in range(len(COLUMNS) + added)])
    return rows


def test_excel_where_a_policy_masks_codes(archive: Archive, path: Path) -> None:
    """Codes in other places than their own are masked as well."""
    pull(archive, batch({"messageId": "1", "text": f"see {CODE}"}))
    policy = PolicyInForce(Policy(forbid_revealed_codes=True), "/etc/policy.toml")
    file = io.BytesIO()

    with Reader(path) as reader:
        Export(reader, ExportOptions(Format.XLSX), lambda: policy).write(file, lambda _: None)

    assert CODE not in str(sheet_of(file.getvalue()))


def test_json_lines_keep_the_bytes(archive: Archive, path: Path) -> None:
    """A message is exported as received: no number is rounded, only line breaks are replaced."""
    pull(archive, b'{"results":[{"a":1.10,\n"b":123456789012345678901234567890, "c":1e2}]}')

    [line] = exported(path, ExportOptions(reveal_codes=True))[0].splitlines()
    assert line.startswith(b'{"a":1.10, "b":123456789012345678901234567890, "c":1e2,"_ibconsole":')
    ours = json.loads(line)["_ibconsole"]
    assert ours["source"]["via"] == "pull"
    assert ours["source"]["limit"] == 9
    assert len(ours["source"]["sha256"]) == 64
    assert (ours["position"], ours["start"]) == (0, 12)


TEXTS = st.text(max_size=20) | st.sampled_from(
    ["=1+1", " =1", "\t+", "-1", "@SUM(A1)", "'=1", "\uff1d1", "a,b", 'a"b', "a\r\nb", "a\0b"]
)


@pytest.mark.slow
@settings(max_examples=15)
@given(texts=st.lists(TEXTS, min_size=1, max_size=4))
def test_csv(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    """CSV contains every text unchanged, except for apostrophes."""
    path = tmp_path_factory.mktemp("csv") / "archive.sqlite3"
    with Archive(path) as archive:
        archive.decode(archive.add_forwards([arrival(batch(*({"text": t} for t in texts)))]))
        stored = [one.text for one in Reader(path).messages(Filter())]
    data, remarks = exported(path, ExportOptions(Format.CSV))

    header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert tuple(header) == COLUMNS
    found = [row[COLUMNS.index("text")] for row in rows]
    assert found == [protect_text(text) for text in stored]
    assert [cell.replace("'", "") for cell in found] == [text.replace("'", "") for text in stored]
    assert bool(found != stored) == bool(remarks)


def test_raw_bodies(archive: Archive, path: Path) -> None:
    """An export of raw bodies contains every received byte, and needs codes to be revealed."""
    pull(archive, b"<html>no messages</html>")
    body = batch({"text": "t"})
    archive.decode(archive.add_forwards([arrival(body)]))
    with pytest.raises(ExportFailed, match="Nothing was written"):
        exported(path, ExportOptions(Format.RAW))

    data, _ = exported(path, ExportOptions(Format.RAW, reveal_codes=True))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        files = {one.name.partition("/")[2]: one for one in tar}
        assert list(files) == [
            "0000000001.json", "0000000001.body",
            "0000000002.json", "0000000002.raw", "0000000002.body", "",
        ]  # fmt: skip
        opened = tar.extractfile(files["0000000002.raw"])
        assert opened
        assert opened.read() == b"POST /inbound HTTP/1.1\r\n\r\n" + body
        assert files["0000000001.body"].size == 24


def test_remarks(archive: Archive, path: Path) -> None:
    """The remarks say that deliveries without messages are left out and codes are masked."""
    pull(archive, b"<html>no messages</html>")
    pull(archive, batch({"text": "t"}))

    _, remarks = exported(path, ExportOptions())
    assert remarks[0].startswith("1 pull or forward without messages is not included")
    assert "cannot be imported" in remarks[1]
    assert exported(path, ExportOptions(criteria=Filter(text="t"), reveal_codes=True))[1] == ()


def test_time_filter(archive: Archive, path: Path) -> None:
    """A filter by time includes its first instant and excludes its last."""
    for instant in (1_000, 2_000, 3_000):
        archive.decode(archive.add_forwards([arrival(batch({"text": "t"}), arrived_at=instant)]))

    criteria = Filter(since=2_000, until=3_000)
    [line] = exported(path, ExportOptions(criteria=criteria))[0].splitlines()
    assert json.loads(line)["_ibconsole"]["id"] == 2
    raw, _ = exported(path, ExportOptions(Format.RAW, criteria, reveal_codes=True))
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        assert {name[11:21] for name in tar.getnames()} == {"0000000002", ""}


@pytest.mark.slow
def test_memory_is_bounded(archive: Archive, path: Path) -> None:
    """Exporting ten times as many messages takes no more memory."""

    class Discarding(io.BytesIO):
        def write(self, data: object) -> int:
            return len(bytes(data))  # type: ignore[call-overload]  # bytes alone

    def peak() -> int:
        tracemalloc.start()
        with Reader(path) as reader:
            Export(reader, ExportOptions(reveal_codes=True)).write(Discarding(), lambda _: None)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    pull(archive, encode({"results": [{"text": "t" * 500}] * 500}))
    few = peak()
    for _ in range(9):
        pull(archive, encode({"results": [{"text": "t" * 500}] * 500}))
    assert peak() < 1.5 * few


def test_a_policy_keeps_raw_bodies_on_the_computer(path: Path, archive: Archive) -> None:
    """Where raw exports are forbidden, the other formats go on."""
    forbidden = PolicyInForce(Policy(forbid_raw_exports=True), "/etc/policy.toml")
    with Reader(path) as reader:
        with pytest.raises(NotPermitted, match="set by your administrator"):
            Export(reader, ExportOptions(Format.RAW), lambda: forbidden)
        for other in (Format.JSONL, Format.CSV):
            Export(reader, ExportOptions(other), lambda: forbidden)


def test_a_policy_masks_codes_in_every_format(path: Path, archive: Archive) -> None:
    """Readable codes are refused, and masked exports have none: in no field, and in no file."""
    forbidden = PolicyInForce(Policy(forbid_revealed_codes=True), "/etc/policy.toml")
    body = {"applicationCode": CODE, "from": CODE, "keyword": CODE, "text": f"of {CODE}"}
    archive.decode(archive.add_forwards([arrival(batch(body))]))
    with Reader(path) as reader:
        for kind in Format:
            with pytest.raises(NotPermitted, match="set by your administrator"):
                Export(reader, ExportOptions(kind, reveal_codes=True), lambda: forbidden)
        with pytest.raises(NotPermitted, match="set by your administrator"):
            Export(reader, ExportOptions(Format.RAW), lambda: forbidden)
        for kind in (Format.JSONL, Format.CSV):
            written = io.BytesIO()
            Export(reader, ExportOptions(kind), lambda: forbidden).write(written, lambda _: None)
            assert CODE.encode() not in written.getvalue()
            assert mask_code(CODE).encode() in written.getvalue()


def test_masked_csv_has_no_code_in_any_cell(path: Path, archive: Archive) -> None:
    """A text that repeats the code of its application is masked, without any policy."""
    body = {"applicationCode": CODE, "from": CODE, "keyword": CODE, "text": f"of {CODE}"}
    archive.decode(archive.add_forwards([arrival(batch(body))]))
    written = io.BytesIO()
    with Reader(path) as reader:
        Export(reader, ExportOptions(Format.CSV)).write(written, lambda _: None)

    assert CODE.encode() not in written.getvalue()
