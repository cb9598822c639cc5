"""Messages about failed connections: what happened, what is unharmed, what to do."""

import socket
import ssl

import pytest

from ibconsole.api.connection_errors import (
    answer_timed_out,
    connect_timed_out,
    connection_failed,
    find_cause,
    pull_problem,
    request_failed,
)


def distrust(message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "[SSL] certificate verify failed")
    error.verify_message = message
    return error


def because(cause: BaseException) -> Exception:
    """Return an error whose cause is two levels down."""
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
def test_connection_failed(cause: Exception, words: str, *, lasting: bool) -> None:
    """The cause is found at any depth; a lasting failure is marked as one."""
    error = connection_failed(because(cause), "x.example")

    assert words in str(error)
    assert "nothing was sent" in str(error)
    assert (error.sent, error.lasting) == (False, lasting)


def test_sentences() -> None:
    """Every other message also says whether something was sent."""
    assert "after 4 s, nothing was sent" in str(connect_timed_out("x.example", 4))
    assert "handed out" in pull_problem(answer_timed_out("x.example"))


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("GET", "Nothing was changed"),
        ("HEAD", "Nothing was changed"),
        ("POST", "may or may not have been made"),
    ],
)
def test_unanswered_request(method: str, words: str) -> None:
    """The message for an unanswered change says that it may have been made."""
    error = request_failed(answer_timed_out("x.example"), method)

    assert error.sent
    assert words in str(error)


def test_circular_causes() -> None:
    """A circular chain of causes is searched to a limited depth."""
    one, other = OSError("one"), OSError("other")
    one.__context__ = other
    other.__context__ = one

    assert find_cause(one, KeyError) is None
