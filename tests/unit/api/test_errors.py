"""Errors: every answer other than 2xx becomes an error that says what to do."""

import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ibconsole.api.auth_causes import AuthRequirement
from ibconsole.api.errors import (
    ApiError,
    ConfigurationExists,
    Conflict,
    Forbidden,
    NoSuchService,
    NotFound,
    PlatformBroken,
    RateLimited,
    Refused,
    Unauthorized,
    error_from_answer,
)
from ibconsole.model.application import Configuration
from ibconsole.secret import Secret

KEY = "0123456789abcdef0123456789abcdef-01234567-89ab-cdef-0123-456789abcdef"


def envelope(message_id: str, text: str) -> bytes:
    return (
        f'{{"requestError":{{"serviceException":{{"messageId":"{message_id}","text":"{text}"}}}}}}'
    ).encode()


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_success(status: int) -> None:
    """Any 2xx is success, with or without a body."""
    assert error_from_answer(status, {}, b"") is None
    assert error_from_answer(status, {}, b"rubbish") is None


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (400, envelope("8", "Invalid action request"), Refused, "400 8 “Invalid action request”"),
        (401, envelope("UNAUTHORIZED", "Invalid login details"), Unauthorized, "UNAUTHORIZED"),
        (403, envelope("FORBIDDEN", "Forbidden"), Forbidden, "mobile-app-messaging:manage"),
        (404, envelope("6", "Configuration does not exist"), NotFound, "does not exist"),
        (404, b"", NotFound, "(404)"),
        (409, b"", Conflict, "(409)"),
        (422, b"<html>", Refused, "(422)"),
        (429, envelope("THROTTLE_EXCEPTION", "Too many requests"), RateLimited, "THROTTLE"),
        (500, envelope("GENERAL_ERROR", "Something went wrong."), PlatformBroken, "GENERAL_ERROR"),
        (502, b"<html><title>Bad Gateway</title>", PlatformBroken, "502 “Bad Gateway”"),
        (599, b"", PlatformBroken, "(599)"),
        (302, b"", PlatformBroken, "redirected"),
        (101, b"", PlatformBroken, "(101)"),
        (999, b"", PlatformBroken, "(999)"),
    ],
)
def test_kinds(status: int, body: bytes, kind: type[ApiError], words: str) -> None:
    """The status determines the class of an error; its sentence contains the platform's words."""
    error = error_from_answer(status, {}, body)

    assert type(error) is kind
    assert words in str(error)
    assert str(error).endswith(".")


def test_a_path_that_every_account_has() -> None:
    """A 404 for the list of applications is no deleted record: the base URL is wrong."""
    whole_account = AuthRequirement(names_resource=False)

    error = error_from_answer(404, {}, b"<html>", requirement=whole_account)

    assert type(error) is NoSuchService
    assert "Check the base URL" in str(error)
    assert "deleted" not in str(error)


def test_a_refusal_without_words() -> None:
    """Nothing is to be corrected as the platform names it where it names nothing."""
    error = error_from_answer(400, {}, b"")

    assert str(error) == (
        "The platform refused the request (400). Nothing was changed. The platform did not say what"
        " is wrong with the request."
    )


def test_fields_of_a_refusal() -> None:
    """A refusal has the status and the platform's words as separate fields."""
    body = (
        b'{"requestError":{"serviceException":{"messageId":"BAD_REQUEST","text":"Bad request",'
        b'"validationErrors":{"forwardUrl":["must be a URL"]}}}}'
    )
    error = error_from_answer(400, {}, body)

    assert isinstance(error, Refused)
    assert (error.status, error.message_id, error.text) == (400, "BAD_REQUEST", "Bad request")
    assert error.validation_errors == {"forwardUrl": ("must be a URL",)}
    assert error.details == body.decode()
    assert "forwardUrl: must be a URL" in str(error)


def test_causes_of_a_401() -> None:
    """The platform does not say why it refuses a key, so every cause is listed."""
    sentence = str(error_from_answer(401, {}, b""))

    for cause in ("wrong", "expired", "disabled", "scope", "IP address"):
        assert cause in sentence


def test_scopes_of_the_pull() -> None:
    """A 403 names the scopes with which a key without management rights can still pull."""
    assert "mobile-app-messaging:inbound-message:read" in str(error_from_answer(403, {}, b""))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), (" 0 ", 0), ("1.5", 1.5), ("soon", 1), ("", 1), ("-3", 1), ("1e999", 1)],
)
def test_retry_after(header: str, seconds: float) -> None:
    """Retry-After is read in any case; without a usable value it is 1 s."""
    error = error_from_answer(429, {"RETRY-after": header}, b"")

    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


@pytest.mark.parametrize(("ahead", "least", "most"), [(30, 25, 31), (-3600, 0, 0)])
def test_retry_after_as_a_date(ahead: int, least: float, most: float) -> None:
    """Retry-After may be a date; a date in the past means now."""
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
    error = error_from_answer(429, {"Retry-After": moment}, b"")

    assert isinstance(error, RateLimited)
    assert least <= error.retry_after <= most


def test_retry_after_without_a_zone() -> None:
    """A date without a time zone is in UTC."""
    error = error_from_answer(429, {"Retry-After": "Thu, 01 Jan 2099 00:00:00 -0000"}, b"")

    assert isinstance(error, RateLimited)
    assert error.retry_after > 60


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("https://evil.example/a?token=1", "to evil.example"),
        ("/login", "to another path"),
        ("", "to another path"),
        ("https://[", "to an unreadable address"),
    ],
)
def test_redirects_name_their_target(location: str, words: str) -> None:
    """A redirect is a failure, and its sentence says where it would have led."""
    error = error_from_answer(307, {"Location": location}, b"")

    assert isinstance(error, PlatformBroken)
    assert error.status == 307
    assert words in str(error)
    assert "token" not in str(error)


@pytest.mark.parametrize("existing", [[], [Configuration(key="conf-1", raw={})]])
def test_existing_configuration(existing: list[Configuration]) -> None:
    """The error for a second configuration contains the key of the first."""
    error = ConfigurationExists(existing)

    assert error.existing == existing
    assert ("conf-1" in str(error)) == bool(existing)
    assert error.status == 409


@pytest.mark.parametrize("given", [KEY, f"App {KEY}", None])
@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 409, 429, 500, 502])
@pytest.mark.parametrize(
    "shape",
    [
        '{{"requestError":{{"serviceException":{{"messageId":"{0}","text":"{0}",'
        '"validationErrors":{{"{0}":["{0}"]}}}}}}}}',
        '{{"errorCode":"{0}","description":"{0}","violations":[{{"property":"{0}"}}]}}',
        "<html><title>{0}</title>{0}</html>",
        "{0}",
    ],
)
def test_no_answer_reveals_a_secret(given: str | None, status: int, shape: str) -> None:
    """A key that an answer repeats occurs nowhere in an error."""
    body = shape.format(f"App {KEY}").encode()
    headers = {"location": f"https://{KEY}.example/App {KEY}" if given else ""}
    error = error_from_answer(status, headers, body, secret=Secret(given) if given else None)

    assert error
    shown = [str(error), repr(error), error.details, repr(vars(error))]
    shown += traceback.format_exception(error)
    assert not any(KEY in text for text in shown)


def test_outcome_of_a_failure() -> None:
    """The error for a reading request does not say that a change may have been made."""
    error = error_from_answer(500, {}, b"", outcome="Nothing was changed.")

    assert str(error).endswith("Nothing was changed.")
    assert "may or may not have been made" in str(error_from_answer(500, {}, b""))
