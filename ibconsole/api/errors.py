"""What can go wrong between the console and the platform.

* ApiError
  - Unreachable             no answer arrived, or not a whole one
  - Refused                 the platform answered 4xx
    - Unauthorized          401
      - NoAccessToken         the client ID and secret were refused (OAuth2)
    - Forbidden             403
    - NotFound              404
    - Conflict              409
      - ConfigurationExists   the application has its one configuration already
    - RateLimited           429
  - PlatformBroken          the platform answered 5xx, a redirect, or something unreadable
* BadBaseUrl                a base URL that cannot be used
* BadCredential             a credential that no header can carry
* Unnamed                   something without a code or key that a path could name
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from ibconsole.api.auth_causes import API_KEY, CLIENT, NO_PULL, NOT_ALLOWED, Claim, told
from ibconsole.api.error_body import Complaint, read_complaint
from ibconsole.api.masking import Mask
from ibconsole.errors import UserError
from ibconsole.model import Configuration
from ibconsole.secret import Secret

_NO_WORDS = Complaint()
_ANY_CLAIM = Claim()
_DEFAULT_RETRY_AFTER = 1.0


class BadBaseUrl(UserError):
    """This text is no base URL that the console would send a credential to."""


class BadCredential(UserError):
    """This text cannot be a credential."""


class Unnamed(UserError):
    """A code or key that no path can name, so that the request would mean something else."""


class ApiError(UserError):
    """A call to the platform failed.

    `details` is the beginning of the answer as it came, secrets masked; empty if none came.
    """


class Unreachable(ApiError):
    """No whole answer arrived.

    `sent` says whether the request may have arrived; `lasting` that trying again at once
    cannot help.
    """

    def __init__(self, sentence: str, *, sent: bool = False, lasting: bool = False) -> None:
        super().__init__(sentence)
        self.sent = sent
        self.lasting = lasting


class Refused(ApiError):
    """The platform understood the request and said no.

    `message_id`, `text` and `validation_errors` are the platform's own words, as far as
    there are any; `hint` says in plain words what may be the cause.
    """

    lead = "The platform refused the request"
    hint = "Nothing was changed; correct what it names and try again."

    def __init__(self, status: int, complaint: Complaint = _NO_WORDS) -> None:
        facts = f"{status} {complaint}".strip()
        super().__init__(f"{self.lead} ({facts}). {self.hint}", details=complaint.details)
        self.status = status
        self.message_id = complaint.message_id
        self.text = complaint.text
        self.validation_errors = complaint.validation_errors


class Unauthorized(Refused):
    """The credential was not accepted (401).

    The platform does not say why: `causes` lists whatever may be the reason, each a clause
    without a full stop, the most likely one first.
    """

    lead = "The platform did not accept the credential"

    def __init__(
        self,
        status: int = 401,
        complaint: Complaint = _NO_WORDS,
        causes: tuple[str, ...] = API_KEY,
    ) -> None:
        self.causes = causes
        self.hint = f"Nothing was changed. The platform does not say why. {told(causes)}"
        super().__init__(status, complaint)


class NoAccessToken(Unauthorized):
    """The platform gave no access token for the client ID and secret (OAuth2)."""

    lead = "The platform did not give an access token"

    def __init__(self, status: int, complaint: Complaint = _NO_WORDS) -> None:
        super().__init__(status, complaint, CLIENT)


class Forbidden(Refused):
    """The credential was accepted, but may not do this (403).

    Any one of `scopes` would do. `may_pull` is true where something else than the pull was
    refused: a credential that is made for the pull alone looks like this when it is tested
    with the harmless list of applications. `causes` are as in Unauthorized.
    """

    lead = "The platform does not allow this with the credential"

    def __init__(
        self, status: int = 403, complaint: Complaint = _NO_WORDS, claim: Claim = _ANY_CLAIM
    ) -> None:
        self.scopes = claim.scopes
        self.may_pull = not claim.is_pull
        self.causes = NOT_ALLOWED if self.may_pull else NO_PULL
        self.hint = f"Nothing was changed. {told(self.causes)}"
        super().__init__(status, complaint)


class NotFound(Refused):
    """What the request names does not exist (404)."""

    lead = "The platform does not know what the request names"
    hint = "Nothing was changed. It may have been deleted meanwhile: look at the list again."


class Conflict(Refused):
    """The request contradicts what is there (409)."""

    lead = "The platform refused the request, which contradicts what is there"
    hint = "Nothing was changed: look at the list again."


class ConfigurationExists(Conflict):
    """The application has its configuration already: `existing`, empty if it cannot be listed."""

    lead = "The application has a configuration already"

    def __init__(self, existing: Sequence[Configuration], complaint: Complaint = _NO_WORDS) -> None:
        keys = " and ".join(configuration.key for configuration in existing)
        self.hint = (
            f"Its key is {keys}; nothing was changed, and you can use that one."
            if keys
            else "Nothing was changed: look at the list again to see it."
        )
        super().__init__(409, complaint)
        self.existing = list(existing)


class RateLimited(Refused):
    """Too many requests (429); the platform wants none for `retry_after` seconds."""

    lead = "The platform says that there were too many requests"

    def __init__(
        self, complaint: Complaint = _NO_WORDS, retry_after: float = _DEFAULT_RETRY_AFTER
    ) -> None:
        self.hint = f"Nothing was changed; try again in {max(retry_after, 1):.0f} s."
        super().__init__(429, complaint)
        self.retry_after = retry_after


class PlatformBroken(ApiError):
    """The platform failed, or answered something that cannot be read.

    `status` is what it answered, None if even that could not be read.
    """

    def __init__(self, sentence: str, *, status: int | None = None, details: str = "") -> None:
        super().__init__(sentence, details=details)
        self.status = status


_BY_STATUS: Mapping[int, type[Refused]] = {404: NotFound, 409: Conflict}

# What a failing platform has done, where nobody can say more.
UNKNOWN = (
    "If you asked for a change, it may have been made or not: look at the list again before you"
    " repeat it."
)


def from_answer(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    secret: Secret | None = None,
    outcome: str = UNKNOWN,
    claim: Claim = _ANY_CLAIM,
) -> ApiError | None:
    """The error that an answer stands for; None for any 2xx (platform.md §2, §7).

    The names of headers count in any case. `secret` (a key, or a whole `Authorization`
    value) is masked wherever the answer repeats it. `outcome` is the sentence about what a
    5xx has left behind, `claim` what a 401 or 403 is explained with.
    """
    if 200 <= status < 300:
        return None
    mask = Mask([secret] if secret else []).text
    complaint = read_complaint(body, mask)
    if 300 <= status < 400:
        return _redirected(status, mask(_header(headers, "location")), complaint)
    if status == 429:
        return RateLimited(complaint, _seconds(_header(headers, "retry-after")))
    if 400 <= status < 500:
        return _refused(status, complaint, claim)
    return PlatformBroken(
        f"The platform failed ({f'{status} {complaint}'.strip()}). {outcome}",
        status=status,
        details=complaint.details,
    )


def _refused(status: int, complaint: Complaint, claim: Claim) -> Refused:
    if status == 401:
        return Unauthorized(status, complaint, claim.causes)
    if status == 403:
        return Forbidden(status, complaint, claim)
    return _BY_STATUS.get(status, Refused)(status, complaint)


def _redirected(status: int, location: str, complaint: Complaint) -> PlatformBroken:
    try:
        target = urlsplit(location).hostname or "another path"
    except ValueError:
        target = "an unreadable address"
    return PlatformBroken(
        f"The platform redirected the request to {target} ({status}), which was not followed: your"
        " credential goes nowhere else. Check the base URL.",
        status=status,
        details=complaint.details,
    )


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _seconds(retry_after: str) -> float:
    """Seconds of a Retry-After (RFC 9110 §10.2.3), a number or a date; 1 if it says neither."""
    text = retry_after.strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return _DEFAULT_RETRY_AFTER
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
