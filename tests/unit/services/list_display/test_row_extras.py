"""The extras of rows are computed message by message, with masked codes, until cancelled."""

import pytest

from ibconsole.archive import JobCancelled
from ibconsole.archive.rows import MessageValues
from ibconsole.model import encode
from ibconsole.services.connections import HighlightRule, JsonColumn
from ibconsole.services.list_display.row_extras import DisplayRequest, RowExtras, extras_of
from ibconsole.services.protection import ShownCodes
from ibconsole.text import mask_code

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a"
OTHER = "99999999c860b49ec69a464834343481-8bj4el4a"
REQUEST = DisplayRequest(
    columns=(JsonColumn("Order", "$.order"), JsonColumn("To", "$.to")),
    rules=(HighlightRule("stop", "danger"), HighlightRule("via:pull", "info")),
)


def message(number: int, text: str, **body: object) -> MessageValues:
    return MessageValues(
        number, 1, "pull", CODE, "+385", "", text, None, 61_000, 0, None, 0, "id", None,
        encode(body), None, None,
    )  # fmt: skip


def test_extras() -> None:
    """Each message has its texts and its rule; the code of its application is masked in them."""
    found = extras_of(
        [message(1, "go", order=5, to=f"{CODE} {OTHER}"), message(2, "stop")], REQUEST, ShownCodes()
    )

    assert found == [
        RowExtras(id=1, texts=("5", f"{mask_code(CODE)} {OTHER}"), rule=1),
        RowExtras(id=2, texts=("", ""), rule=0),
    ]
    assert [DisplayRequest().is_empty, REQUEST.is_empty] == [True, False]


def test_a_policy_masks_every_code() -> None:
    """Where a policy masks codes, that of another application is masked as well."""
    [one] = extras_of([message(1, "", to=OTHER)], REQUEST, ShownCodes("A policy."))

    assert one.texts == ("", mask_code(OTHER))


def test_cancelling() -> None:
    """Work for rows that are not shown any more ends after the present message."""
    answers = iter([False, True])

    with pytest.raises(JobCancelled):
        extras_of(
            [message(1, ""), message(2, ""), message(3, "")],
            REQUEST,
            ShownCodes(),
            lambda: next(answers),
        )
