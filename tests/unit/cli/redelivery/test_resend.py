"""`ibconsole messages resend` to a server of the test."""

from pathlib import Path

import pytest

from ibconsole.http1.message import Response
from tests.unit.cli.conftest import Command
from tests.unit.cli.redelivery.conftest import Customer

pytestmark = pytest.mark.usefixtures("pulled")
RESEND = ("messages", "resend")


def test_a_dry_run_sends_nothing(ibconsole: Command, customer: Customer) -> None:
    """The plan is the answer, and as JSON; neither stores a job."""
    shown = ibconsole(*RESEND, "--all", "--to", customer.url, "--dry-run")
    as_json = ibconsole(*RESEND, "1", "2", "--to", customer.url, "--dry-run", "--json")

    assert (shown.code, shown.err) == (0, "Nothing was sent.\n")
    assert f"3 messages in 3 requests to {customer.url}, as received: " in shown.out
    assert (as_json.json["messages"], as_json.json["form"]) == (2, "as received")
    assert (customer.arrived, ibconsole("give-back", "list", "--json").json) == ([], [])


def test_messages_are_sent_again_and_again(ibconsole: Command, customer: Customer) -> None:
    """A user who resends means it; the plan says what the URL has acknowledged before."""
    options = ("--to", customer.url, "--yes", "--json", "--parallel", "2", "--batch", "1")
    first = ibconsole(*RESEND, "2", *options)
    again = ibconsole(*RESEND, "--application", "app-1", *options, "--as", "platform")

    assert (first.code, first.json["counts"]["acknowledged"]) == (0, 1)
    assert (again.code, again.json["counts"]["acknowledged"]) == (0, 3)
    assert "1 message of them was acknowledged by this URL before" in again.err
    assert sorted(customer.arrived) == ["m1", "m2", "m2", "m3"]


def test_edited_bytes_are_sent_in_place_of_a_message(
    ibconsole: Command, customer: Customer, tmp_path: Path
) -> None:
    file = tmp_path / "edited.json"
    file.write_bytes(b'{"results": [{"messageId": "changed"}]}')
    sent = ibconsole(*RESEND, "1", "--edited", str(file), "--to", customer.url, "--yes")

    assert (sent.code, customer.arrived) == (0, ["changed"])
    file.write_bytes(bytes((8 << 20) + 1))
    assert ibconsole(*RESEND, "1", "--edited", str(file), "--to", customer.url).code == 1
    assert customer.arrived == ["changed"]


def test_failures_are_the_exit_code(ibconsole: Command, customer: Customer) -> None:
    customer.answers = [Response(404)]
    failed = ibconsole(*RESEND, "1", "--to", customer.url, "--yes")

    assert failed.code == 1
    assert "1 undelivered" in failed.out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "one of the three"),
        (("1", "--all"), 2, "one of the three"),
        (("1", "--since", "1d"), 2, "one of the three"),
        (("1",), 2, "add --yes"),
        (("99", "--yes"), 1, "No stored message matches"),
        (("1", "--law", "often", "--yes"), 2, "--law"),
    ],
)
def test_wrong_usage_is_explained(
    ibconsole: Command, customer: Customer, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """What is missing or contradicts itself is named; nothing is sent."""
    found = ibconsole(*RESEND, *arguments, "--to", customer.url)

    assert found.code == code, found.err
    assert words in found.err
    assert customer.arrived == []
