"""Possible causes of a 401 or 403 (platform.md §6).

The platform does not give the cause, so every documented one is listed, worded for the kind of
credential.
"""

from collections.abc import Sequence

import msgspec

# The scope that everything but the pull needs; it also allows sending pushes.
MANAGE = "mobile-app-messaging:manage"
# Any one of these scopes is enough for the pull.
PULL_SCOPES = (
    "inbound-message:read",
    "mobile-app-messaging:inbound-message:read",
    MANAGE,
)

API_KEY = (
    "The key is wrong or was mistyped",
    "The key has expired, by default one year after it was made",
    "The key was disabled",
    "The key is missing the scope that this needs",
    "The key may only be used from certain IP addresses, and yours is another IP address",
    "The key belongs to another account than the base URL",
)
BASIC = (
    "The user name or the password is wrong or was mistyped",
    "The user was disabled or locked",
    "The user is missing the role or the scope that this needs",
    "The user may only sign in from certain IP addresses, and yours is another IP address",
    "The user belongs to another account than the base URL",
)
SESSION_TOKEN = (
    "The session has ended: session tokens expire after some time, so log in again for another",
    "The token is wrong or was copied in part",
    "The user was disabled or locked",
    "The user is missing the role or the scope that this needs",
    "The user may only sign in from certain IP addresses, and yours is another IP address",
    "The token belongs to another account than the base URL",
)
ACCESS_TOKEN = (
    "The access token was refused although the platform gave it: it may have been withdrawn",
    "The client was disabled",
    "The client is missing the scope that this needs",
    "The client may only be used from certain IP addresses, and yours is another IP address",
    "The client belongs to another account than the base URL",
)
CLIENT = (
    "The client ID or the client secret is wrong or was mistyped",
    "The client secret has expired",
    "The client was disabled",
    "The client may only be used from certain IP addresses, and yours is another IP address",
    "The client belongs to another account than the base URL",
)

MISSING_SCOPE = (
    f"It is missing the scope {MANAGE}, which everything but the pull needs",
    f"It is made for the pull alone, with the scope {PULL_SCOPES[0]} or {PULL_SCOPES[1]}: then it"
    " can pull all the same",
)
MISSING_PULL_SCOPE = (f"It is missing a scope for the pull: any of {', '.join(PULL_SCOPES)}",)


class AuthRequirement(msgspec.Struct, frozen=True):
    """The needs of a request: a credential with one of these scopes, and what its path names.

    Without `names_resource` it is about the whole account. Each of `auth_causes` is a clause
    without a full stop, the most likely one first.
    """

    auth_causes: tuple[str, ...] = API_KEY
    scopes: tuple[str, ...] = (MANAGE,)
    names_resource: bool = True

    @property
    def is_pull(self) -> bool:
        """True if the request is a pull."""
        return len(self.scopes) > 1


def describe_causes(auth_causes: Sequence[str]) -> str:
    """Return the causes as one sentence."""
    begun = [f"{cause[0].lower()}{cause[1:]}" for cause in auth_causes]
    return f"Possible causes: {'; '.join(begun)}."
