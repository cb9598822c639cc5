import json
from pathlib import Path

import pytest

from ibconsole.http1.message import Response
from ibconsole.simulator import answers

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.mark.parametrize(
    ("answer", "sample", "status"),
    [
        (answers.bad_request(), "error_400.json", 400),
        (answers.unauthorized(), "error_401.json", 401),
        (answers.forbidden(), "error_403.json", 403),
        (answers.not_found(), "error_404.json", 404),
    ],
)
def test_errors_are_the_documented_ones(answer: Response, sample: str, status: int) -> None:
    """Every error has the documented envelope and word; a 401 is met with two texts."""
    documented = json.loads((SAMPLES / sample).read_bytes())["requestError"]["serviceException"]
    made = json.loads(answer.body)["requestError"]["serviceException"]

    assert answer.status == status
    assert made["messageId"] == documented["messageId"]
    assert made["text"] in {documented["text"], "Invalid login details"}


def test_too_many_requests_say_when_to_come_back() -> None:
    """A 429 carries Retry-After."""
    answer = answers.throttled()

    assert (answer.status, dict(answer.headers)[b"Retry-After"]) == (429, b"1")


@pytest.mark.parametrize("body", ["envelope", "empty", "new_envelope"])
def test_a_conflict_has_a_body_of_choice(body: str) -> None:
    """The body of a 409 is not documented: each kind can be had."""
    answer = answers.conflict(body)

    assert answer.status == 409
    assert bool(answer.body) is (body != "empty")


def test_half_characters_can_be_sent() -> None:
    """What UTF-8 cannot say is escaped."""
    assert json.loads(answers.dump("\ud800")) == "\ud800"
    assert answers.dump("ü") == '"ü"'.encode()


def test_the_methods_of_a_path_are_named() -> None:
    """A 405 says what would be allowed."""
    assert dict(answers.method_not_allowed(("POST", "GET")).headers)[b"Allow"] == b"GET, POST"
