"""Messages as rows of a spreadsheet."""

import csv

import pytest

from ibconsole.archive.rows import MessageValues
from ibconsole.services.messages.spreadsheet_rows import COLUMNS, SpreadsheetRows

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a"
MASK = "2336…el4a"
MESSAGE = MessageValues(
    id=1,
    delivery=2,
    via="pull",
    application_code=CODE,
    sender="=s",
    keyword=CODE,
    text="t",
    received_at=None,
    arrived_at=1_700_000_000_123,
    flags=1,
    connection=None,
    position=0,
    message_id="1561984815238926404",
    duplicate_of=7,
    body=b'{"a":"%b"}' % CODE.encode(),
    start=None,
    size=None,
)


@pytest.mark.parametrize(("reveal_codes", "code"), [(False, MASK), (True, CODE)])
def test_a_workbook_and_csv_have_the_same_columns(reveal_codes: bool, code: str) -> None:
    """In CSV what a spreadsheet would change is protected and counted; in a workbook nothing is."""
    rows = SpreadsheetRows(reveal_codes=reveal_codes)

    texts = dict(zip(COLUMNS, rows.texts(MESSAGE), strict=True))
    [cells] = csv.reader([rows.csv_row(MESSAGE).decode()])

    assert texts == {
        "id": "1",
        "arrivedAt": "2023-11-14T22:13:20.123+00:00",
        "receivedAt": "",
        "via": "pull",
        "connection": "",
        "delivery": "2",
        "position": "0",
        "messageId": "1561984815238926404",
        "applicationCode": code,
        "from": "=s",
        "keyword": code,
        "text": "t",
        "flags": "duplicate",
        "duplicateOf": "7",
        "json": f'{{"a":"{code}"}}',
    }
    protected = {"messageId": "'1561984815238926404", "from": "'=s"}
    assert dict(zip(COLUMNS, cells, strict=True)) == {**texts, **protected}
    assert rows.protected == 2


def test_a_message_without_a_code() -> None:
    """Where there is no code nothing is masked, and every time is written."""
    plain = MESSAGE._replace(application_code="", keyword="k", body=b"{}", received_at=0)

    texts = dict(zip(COLUMNS, SpreadsheetRows(reveal_codes=False).texts(plain), strict=True))

    assert (texts["applicationCode"], texts["keyword"]) == ("", "k")
    assert texts["receivedAt"] == "1970-01-01T00:00:00.000+00:00"
