"""Why the platform may answer 401 or 403 (platform.md §6).

It does not say, so every cause that is documented is listed, in words that fit the kind of
credential.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# What everything but the pull needs; it allows sending pushes, too.
MANAGE = "mobile-app-messaging:manage"
# Any of these is enough for the pull.
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

NOT_ALLOWED = (
    f"It is missing the scope {MANAGE}, which everything but the pull needs",
    f"It is made for the pull alone, with the scope {PULL_SCOPES[0]} or {PULL_SCOPES[1]}: then it"
    " can pull all the same",
)
NO_PULL = (f"It is missing a scope for the pull: any of {', '.join(PULL_SCOPES)}",)


@dataclass(frozen=True, slots=True)
class Claim:
    """With what right something is asked: how the credential can fail, and what it needs."""

    causes: tuple[str, ...] = API_KEY
    scopes: tuple[str, ...] = (MANAGE,)

    @property
    def is_pull(self) -> bool:
        """Whether it is the pull that is asked for."""
        return len(self.scopes) > 1


def told(causes: Sequence[str]) -> str:
    """The causes as one sentence."""
    begun = [f"{cause[0].lower()}{cause[1:]}" for cause in causes]
    return f"Possible causes: {'; '.join(begun)}."
