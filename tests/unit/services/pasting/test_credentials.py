"""The credential of a pasted request, apart from everything else."""

import pytest

from ibconsole.secret import Secret
from ibconsole.services.pasting.credentials import RequestDraft


@pytest.mark.parametrize(
    ("header", "scheme", "secret", "identity"),
    [
        ("App k3y", "App", "k3y", ""),
        ("bearer t0ken", "Bearer", "t0ken", ""),
        ("IBSSO t0ken", "IBSSO", "t0ken", ""),
        ("Basic dTpw", "Basic", "p", "u"),
        ("Basic ü", "Basic", None, ""),
        ("App $IBCONSOLE_AUTHORIZATION", "App", None, ""),
        ("App ••••", "App", None, ""),
        ("App {{apiKey}}", "App", None, ""),
    ],
)
def test_authorization(header: str, scheme: str, secret: str | None, identity: str) -> None:
    """The four forms of a credential are recognized; a placeholder is none."""
    draft = RequestDraft()
    draft.add_header("authorization", header)

    request = draft.request("get", "https://x.example", b"")

    assert (request.scheme, request.identity, request.headers) == (scheme, identity, ())
    assert request.secret == (None if secret is None else Secret(secret))
    assert request.method == "GET"


def test_what_carries_a_credential_is_left_out() -> None:
    """Cookies, keys by their names and unknown authorizations are left out, which is said."""
    draft = RequestDraft()
    for name in ("Cookie", "X-Api-Key", "Accept"):
        draft.add_header(name, "s3cret")
    draft.add_header("Authorization", "Negotiate s3cret")
    draft.remark("Once.")
    draft.remark("Once.")

    request = draft.request("POST", "https://u:s3cret@x.example/in", b"")

    assert request.headers == (("Accept", "s3cret"),)
    assert (request.url, request.secret) == ("https://x.example/in", Secret("s3cret"))
    assert request.remarks == (
        "Once.",
        "Left out, because they carry credentials: Cookie, X-Api-Key, Authorization.",
    )
    assert RequestDraft().request("GET", "http://[u@x", b"").url == "http://••••@x"
