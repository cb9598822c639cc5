"""Redeliveries that are stored: shown, resumed, and decided about."""

import json
from pathlib import Path

import pytest

from ibconsole.http1.message import Response
from tests.unit.cli.conftest import Command
from tests.unit.cli.redelivery.conftest import Customer

pytestmark = pytest.mark.usefixtures("pulled")
GIVE_BACK = ("give-back", "--application", "app-1", "--since", "1d", "--rate", "0")
HTML = Response(
    200, ((b"Content-Type", b"text/html"),), b"<!DOCTYPE html><html><title>Log in</title></html>"
)


def test_an_unknown_one_waits_for_a_decision(ibconsole: Command, customer: Customer) -> None:
    """A web page with 200 proves nothing: the message is sent again only if a user decides so."""
    customer.answers = [HTML, Response(500), HTML]
    law = ("--parallel", "1", "--law", "0s")
    ended = ibconsole(*GIVE_BACK, "--to", customer.url, "--yes", *law)
    again = ibconsole(*GIVE_BACK, "--to", customer.url, "--yes")
    shown = ibconsole("give-back", "show", "1", "--state", "unknown", "--json").out.splitlines()

    assert (ended.code, again.code) == (1, 1)
    assert "1 acknowledged, 2 unknown." in ended.out
    assert len(customer.arrived) == 4
    items = [json.loads(line)["item"] for line in shown[1:]]

    accepted = ibconsole("give-back", "decide", "1", "--accept", str(items[0]), "--reason", "seen")
    resumed = ibconsole("give-back", "resume", "1", "--resend-unknown")
    ledger = ibconsole("give-back", "show", "1", "--item", str(items[0])).json
    assert (accepted.code, resumed.code, len(customer.arrived)) == (0, 0, 5)
    assert "2 acknowledged, 1 skipped." in resumed.out
    assert ledger["entries"][-1]["content"]["reason"] == "seen"
    assert ledger["answers"][0]["body"].startswith("<!DOCTYPE")


def test_undelivered_ones_can_be_tried_again(ibconsole: Command, customer: Customer) -> None:
    """After the last retry of the law a message is undelivered, and a decision begins anew."""
    customer.answers = [Response(503)] * 3
    ended = ibconsole(*GIVE_BACK, "--to", customer.url, "--yes", "--law", "none")
    decided = ibconsole("give-back", "decide", "1", "--resend-undelivered", "--json")
    shown = ibconsole("give-back", "show", "1")
    resumed = ibconsole("give-back", "resume", "1", "--json")

    assert (ended.code, decided.json) == (1, {"redelivery": 1, "changed": 3})
    assert "`ibconsole give-back resume 1` goes on with 3 messages." in shown.out
    assert (resumed.code, resumed.json["counts"]["acknowledged"]) == (0, 3)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("give-back", "show", "9"), 2, "no redelivery 9"),
        (("give-back", "resume", "9"), 2, "no redelivery 9"),
        (("give-back", "decide", "9", "--skip-unknown"), 1, "no redelivery 9"),
        (("give-back", "decide", "1"), 2, "Say what to decide"),
        (("give-back", "decide", "1", "--skip-unknown", "--accept-unknown"), 2, "one option"),
        (("give-back", "resume", "1", "--accept-unknown", "--resend-unknown"), 2, "one of"),
    ],
)
def test_wrong_usage_of_jobs_is_explained(
    ibconsole: Command, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """A job or an item that does not exist is named; nothing is changed."""
    found = ibconsole(*arguments)

    assert found.code == code
    assert words in found.err


def test_items_of_another_job_are_refused(
    ibconsole: Command, customer: Customer, pulled: Path
) -> None:
    """An item belongs to one job."""
    assert pulled.exists()
    ibconsole(*GIVE_BACK, "--to", customer.url, "--yes")

    assert ibconsole("give-back", "show", "1", "--item", "9").code == 2
    assert ibconsole("give-back", "decide", "1", "--resend", "9").code == 2


def test_a_job_is_cancelled(ibconsole: Command, customer: Customer) -> None:
    """What waits is skipped, and the job does not go on; what was acknowledged stays so."""
    customer.answers = [Response(200), Response(500)]
    ibconsole(*GIVE_BACK, "--to", customer.url, "--yes", "--stop-on-failure", "--parallel", "1")
    cancelled = ibconsole("give-back", "cancel", "1", "--yes")
    counts = ibconsole("give-back", "list", "--json").json[0]["counts"]

    assert cancelled.err == "Redelivery 1 is cancelled: 2 messages skipped.\n"
    assert (counts["acknowledged"], counts["skipped"]) == (1, 2)
    assert "is cancelled" in ibconsole("give-back", "resume", "1").err
    assert "is cancelled" in ibconsole("give-back", "cancel", "1", "--yes").err
