import json
from pathlib import Path

import pytest

from ibconsole.http1.message import Response
from ibconsole.simulator import answers
from ibconsole.simulator.settings import ConflictBody

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
    """Every error has the documented envelope and messageId; two texts of a 401 are known."""
    documented = json.loads((SAMPLES / sample).read_bytes())["requestError"]["serviceException"]
    actual = json.loads(answer.body)["requestError"]["serviceException"]

    assert answer.status == status
    assert actual["messageId"] == documented["messageId"]
    assert actual["text"] in {documented["text"], "Invalid login details"}


def test_a_429_says_when_to_retry() -> None:
    """A 429 carries Retry-After."""
    answer = answers.throttled()

    assert (answer.status, dict(answer.headers)[b"Retry-After"]) == (429, b"1")


@pytest.mark.parametrize("body", ConflictBody)
def test_the_body_of_a_409_is_selectable(body: ConflictBody) -> None:
    """The body of a 409 is not documented, so every known kind can be returned."""
    answer = answers.conflict(body)

    assert answer.status == 409
    assert bool(answer.body) is (body != ConflictBody.EMPTY)


def test_lone_surrogates_are_escaped() -> None:
    """Text that UTF-8 cannot represent is sent as JSON escapes."""
    assert json.loads(answers.dump("\ud800")) == "\ud800"
    assert answers.dump("ü") == '"ü"'.encode()


def test_a_405_names_the_allowed_methods() -> None:
    """The Allow header lists the methods of the path."""
    assert dict(answers.method_not_allowed(("POST", "GET")).headers)[b"Allow"] == b"GET, POST"
