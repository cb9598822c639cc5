"""A failed connection is explained: what happened, what is unharmed, what to do."""

import socket
import ssl

import pytest

from ibconsole.api.connection_errors import (
    find_cause,
    nobody_there,
    not_connected,
    proxy_refused,
    proxy_unusable,
    pulled_in_vain,
    sent_in_vain,
    silent,
)


def distrust(message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "[SSL] certificate verify failed")
    error.verify_message = message
    return error


def because(cause: BaseException) -> Exception:
    """An error that was raised by another, two levels down."""
    middle = OSError("All connection attempts failed")
    middle.__cause__ = cause
    outer = RuntimeError("outer")
    outer.__context__ = middle
    return outer


@pytest.mark.parametrize(
    ("cause", "words", "lasting"),
    [
        (socket.gaierror(-2, "Name or service not known"), "name x.example was not found", False),
        (distrust("self-signed certificate"), "not trusted (self-signed certificate)", True),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]"), "No encrypted connection", True),
        (ConnectionRefusedError(), "x.example refused", False),
        (ExceptionGroup("both", [ConnectionRefusedError()]), "x.example refused", False),
        (OSError("no route"), "cannot be reached", False),
    ],
)
def test_why_there_is_no_connection(cause: Exception, words: str, *, lasting: bool) -> None:
    """The cause is found however deep it lies; what cannot pass is not tried again."""
    error = not_connected(because(cause), "x.example")

    assert words in str(error)
    assert "nothing was sent" in str(error)
    assert (error.sent, error.lasting) == (False, lasting)


def test_sentences() -> None:
    """Every other failure says as well whether something was sent."""
    assert "within 4 s, nothing was sent" in str(nobody_there("x.example", 4))
    assert "nothing was sent" in str(proxy_refused("x.example"))
    assert "nothing was sent" in str(proxy_unusable())
    assert "handed out" in pulled_in_vain(silent("x.example"))


@pytest.mark.parametrize(
    ("method", "words"), [("GET", "Nothing was changed"), ("POST", "may have been made or not")]
)
def test_a_change_that_may_have_been_made(method: str, words: str) -> None:
    """After a change went out without an answer nobody is told that nothing happened."""
    error = sent_in_vain(silent("x.example"), method)

    assert error.sent
    assert words in str(error)


def test_causes_without_end() -> None:
    """Errors that are each other's cause are looked through once."""
    one, other = OSError("one"), OSError("other")
    one.__context__ = other
    other.__context__ = one

    assert find_cause(one, KeyError) is None
