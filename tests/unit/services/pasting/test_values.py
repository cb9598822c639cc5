"""What was pasted shows no secret, also where it is printed."""

from ibconsole.secret import Secret
from ibconsole.services.pasting.values import Pasted, PastedKind, PastedRequest


def test_printing_shows_no_secret() -> None:
    """A representation says what it is, and nothing of what is in it."""
    request = PastedRequest("GET", "https://x/?token=s3cret", body=b"s3cret", secret=Secret("x"))
    pasted = Pasted(PastedKind.REQUEST, "A request.", text="s3cret", request=request)

    assert repr(request) == "PastedRequest(GET https://x/?token=••••)"
    assert repr(pasted) == "Pasted(request)"
