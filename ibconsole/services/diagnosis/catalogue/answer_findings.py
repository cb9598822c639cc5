"""IBC-14xx: answers of endpoints to forward tests."""

from ibconsole.services.diagnosis.catalogue.definition import (
    Definition,
    FindingGroup,
    WindowCommand,
)
from ibconsole.services.diagnosis.catalogue.finding import Basis, Level

_EXPECTED = "The platform expects 200."
_OWN_TEST = (
    "Seen in a test from this computer, which comes from another address than the platform and may"
    " look different."
)
_FIXED = "A later test is answered 200, or messages of this action arrive."


def _answer(
    number: int, title: str, level: Level, why: str, remedy: str, basis: Basis = Basis.OBSERVED
) -> Definition:
    """Return a definition of an answer's fault, as a test has shown it."""
    return Definition(
        number,
        title,
        level,
        basis,
        f"{why} {_OWN_TEST}",
        _FIXED,
        remedy,
        WindowCommand.FORWARD_TEST,
    )


ANSWERS = FindingGroup(
    "Answers",
    (
        _answer(
            1401,
            "The endpoint redirects",
            Level.ERROR,
            f"{_EXPECTED} Whether it follows redirects is not documented.",
            "Replace the action by one with the final URL.",
        ),
        _answer(
            1402,
            "The endpoint answers a success other than 200",
            Level.WARNING,
            f"{_EXPECTED} Whether other codes of the 200s count is not documented.",
            "Answer 200.",
        ),
        _answer(
            1403,
            "The endpoint wants authentication",
            Level.ERROR,
            "No authentication of forwards is documented: the platform sends none.",
            "Accept requests without a log-in at this path, and protect it by a path that cannot be"
            " guessed, or by a list of the platform's addresses.",
        ),
        _answer(
            1404,
            "The endpoint refuses the sender",
            Level.ERROR,
            "403 comes from a firewall, a list of addresses, or a missing log-in.",
            "Look up in the firewall's log which rule refused the test, and admit all published"
            " networks of the platform.",
        ),
        _answer(
            1405,
            "There is nothing at the path",
            Level.ERROR,
            "The server answers, and does not know the path of the URL.",
            "Correct the path in the action, or deploy the endpoint.",
        ),
        _answer(
            1406,
            "The path takes no POST",
            Level.ERROR,
            "The platform sends messages by POST.",
            "Let the endpoint accept POST, or correct the path.",
        ),
        _answer(
            1407,
            "The endpoint refuses the content",
            Level.ERROR,
            "An endpoint that refuses what it cannot read loses messages: fields may be missing or"
            " new at any time.",
            "Store what arrives, answer 200, and validate it afterwards.",
        ),
        _answer(
            1408,
            "The endpoint limits the rate of requests",
            Level.WARNING,
            "Messages that are refused for their rate depend on being sent again, which is not"
            " documented for push.",
            "Raise the limit for this path.",
        ),
        _answer(
            1409,
            "The endpoint refuses the request",
            Level.ERROR,
            f"{_EXPECTED} An answer of the 400s does not count as delivered.",
            "Look at the log of the endpoint for the time of the test.",
        ),
        _answer(
            1410,
            "The endpoint fails",
            Level.ERROR,
            f"{_EXPECTED} The program behind the URL has failed.",
            "Look at the log of the endpoint for the time of the test.",
        ),
        _answer(
            1411,
            "A gateway gets no answer from the endpoint",
            Level.ERROR,
            "A load balancer or content network answers in the place of the endpoint, which is"
            " down, overloaded or slow.",
            "Check that the program behind the gateway runs and is healthy.",
        ),
        _answer(
            1412,
            "The endpoint is slow",
            Level.WARNING,
            "How long the platform waits is not documented. Sibling channels allow 1 to 90 s.",
            "Answer at once, and process the message afterwards.",
        ),
        _answer(
            1413,
            "A firewall answers instead of the endpoint",
            Level.ERROR,
            "The answer is a page that asks for a captcha or says that the request was blocked. A"
            " program cannot pass it.",
            "Let the firewall admit POST requests to this path.",
        ),
        _answer(
            1414,
            "A log-in page answers instead of the endpoint",
            Level.ERROR,
            "The request ends at a log-in. The status looks like a success, and the message is"
            " lost.",
            "Take the path out of what needs a log-in.",
        ),
        _answer(
            1415,
            "The answer is a web page",
            Level.WARNING,
            "An endpoint for messages rarely answers HTML. It may be a home page, a parked domain,"
            " or a framework's page for everything: then the message is lost in spite of 200.",
            "Check that the endpoint got the test's message.",
        ),
        _answer(
            1416,
            "There is no answer",
            Level.ERROR,
            "The connection was made, the request was sent, and no answer came.",
            "Check whether the endpoint got the request; let it answer before it works.",
        ),
        _answer(
            1417,
            "The answer is not complete",
            Level.WARNING,
            "The answer began and did not end. Whether the platform reads it to its end is not"
            " documented.",
            "Let the endpoint send a short, complete answer.",
        ),
        _answer(
            1418,
            "The answer is not valid HTTP",
            Level.ERROR,
            "Another protocol answers at this port, or the server breaks the rules of HTTP.",
            "Correct the port or the scheme in the action, or repair the server.",
        ),
        _answer(
            1419,
            "The answer depends on who sends",
            Level.ERROR,
            "The same message is accepted from one sender and refused from another: something"
            " filters by headers.",
            "Admit the platform's requests in the firewall, whatever their headers are.",
        ),
        _answer(
            1420,
            "The same message is not accepted twice",
            Level.WARNING,
            "Platforms repeat messages. An endpoint that refuses a duplicate makes its sender"
            " repeat it again.",
            "Answer 200 to duplicates.",
        ),
        _answer(
            1421,
            "Requests at the same time are refused",
            Level.WARNING,
            "How many requests the platform sends at the same time is not documented; at least 20"
            " are a safe assumption.",
            "Let the endpoint accept at least 20 requests at the same time.",
        ),
        _answer(
            1422,
            "The server speaks HTTP/1.0",
            Level.NOTE,
            "Every request then needs a connection of its own, and some senders expect HTTP/1.1.",
            "Switch HTTP/1.1 on.",
        ),
        _answer(
            1423,
            "The answer reports an error with 200",
            Level.WARNING,
            "The status counts as delivered, and the content says that the message was not taken:"
            " it is not sent again.",
            "Look at the log of the endpoint for the time of the test.",
        ),
        _answer(
            1424,
            "The answers change from request to request",
            Level.WARNING,
            "The same request was answered differently: one of several servers is likely to be"
            " broken.",
            "Compare the servers behind the load balancer.",
        ),
        _answer(
            1425,
            "The endpoint treats forms of a request differently",
            Level.WARNING,
            "How the platform frames its requests is not documented. The endpoint refuses a form"
            " that HTTP allows.",
            "Let the server accept this form of a request.",
        ),
        _answer(
            1426,
            "A tunnel answers, and nothing is behind it",
            Level.ERROR,
            "The service of the tunnel answers in the place of the endpoint, because the program at"
            " its other end is not connected.",
            "Start the tunnel and the endpoint again, or replace the action by one with the final"
            " URL.",
        ),
    ),
)
