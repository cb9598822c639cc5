"""The errors of calls to the platform.

* ApiError
  - Unreachable             no answer arrived, or not a complete one
  - Refused                 the platform answered 4xx
    - Unauthorized          401
      - NoAccessToken         the client ID and secret were refused (OAuth2)
    - Forbidden             403
    - NotFound              404
      - NoSuchService       404 on a path that every account has
    - Conflict              409
      - ConfigurationExists   the application already has its one configuration
    - RateLimited           429
  - PlatformBroken          the platform answered 5xx, a redirect, or something unreadable
* BadBaseUrl                a base URL that cannot be used
* BadCredential             a credential that cannot be sent in a header
* UnusableKey               a code or key that cannot be a part of a path
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ibconsole.api.auth_causes import (
    API_KEY,
    CLIENT,
    MISSING_PULL_SCOPE,
    MISSING_SCOPE,
    AuthRequirement,
    describe_causes,
)
from ibconsole.api.error_body import ErrorBody, read_error_body
from ibconsole.api.masking import Mask
from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.model import Configuration
from ibconsole.secret import Secret

if TYPE_CHECKING:
    from email import utils
else:
    utils = LazyModule("email.utils")

_EMPTY_BODY = ErrorBody()
_NO_REQUIREMENT = AuthRequirement()
_DEFAULT_RETRY_AFTER = 1.0
_UNEXPLAINED = "Nothing was changed. The platform did not say what is wrong with the request."


class BadBaseUrl(UserError):
    """The text is not a base URL that a credential may be sent to."""


class BadCredential(UserError):
    """The text cannot be a credential."""


class UnusableKey(UserError):
    """A code or key cannot be a part of a path: the request would mean something else."""


class ApiError(UserError):
    """A call to the platform failed.

    `details` is the beginning of the answer as received, secrets masked; empty if none arrived.
    """


class Unreachable(ApiError):
    """No complete answer arrived.

    `sent` is true if the request may have arrived, `lasting` if an immediate retry cannot help.
    """

    def __init__(self, sentence: str, *, sent: bool = False, lasting: bool = False) -> None:
        super().__init__(sentence)
        self.sent = sent
        self.lasting = lasting


class Refused(ApiError):
    """The platform refused the request (4xx).

    `message_id`, `text` and `validation_errors` are the platform's own words, empty if there
    are none; `hint` says what is unharmed and what to do.
    """

    lead = "The platform refused the request"
    hint = "Nothing was changed; correct what it names and try again."

    def __init__(self, status: int, error_body: ErrorBody = _EMPTY_BODY) -> None:
        facts = f"{status} {error_body}".strip()
        explained = str(error_body) or self.hint is not Refused.hint
        hint = self.hint if explained else _UNEXPLAINED
        super().__init__(f"{self.lead} ({facts}). {hint}", details=error_body.details)
        self.status = status
        self.message_id = error_body.message_id
        self.text = error_body.text
        self.validation_errors = error_body.validation_errors


class Unauthorized(Refused):
    """The credential was not accepted (401).

    The platform does not give the reason: `auth_causes` lists the possible ones, each a clause
    without a full stop, the most likely one first.
    """

    lead = "The platform did not accept the credential"

    def __init__(
        self,
        status: int = 401,
        error_body: ErrorBody = _EMPTY_BODY,
        auth_causes: tuple[str, ...] = API_KEY,
    ) -> None:
        self.auth_causes = auth_causes
        causes = describe_causes(auth_causes)
        self.hint = f"Nothing was changed. The platform does not say why. {causes}"
        super().__init__(status, error_body)


class NoAccessToken(Unauthorized):
    """The platform gave no access token for the client ID and secret (OAuth2)."""

    lead = "The platform did not give an access token"

    def __init__(self, status: int, error_body: ErrorBody = _EMPTY_BODY) -> None:
        super().__init__(status, error_body, CLIENT)


class Forbidden(Refused):
    """The credential was accepted, but does not permit this request (403).

    Any one of `scopes` would permit it. `may_pull` is true if a request other than the pull was
    refused: a credential made for the pull alone is refused like this when it is tested with
    the harmless list of applications. `auth_causes` are as in Unauthorized.
    """

    lead = "The platform does not allow this with the credential"

    def __init__(
        self,
        status: int = 403,
        error_body: ErrorBody = _EMPTY_BODY,
        requirement: AuthRequirement = _NO_REQUIREMENT,
    ) -> None:
        self.scopes = requirement.scopes
        self.may_pull = not requirement.is_pull
        self.auth_causes = MISSING_SCOPE if self.may_pull else MISSING_PULL_SCOPE
        self.hint = f"Nothing was changed. {describe_causes(self.auth_causes)}"
        super().__init__(status, error_body)


class NotFound(Refused):
    """The resource that the request names does not exist (404)."""

    lead = "The platform does not know what the request names"
    hint = "Nothing was changed. It may have been deleted meanwhile: look at the list again."


class NoSuchService(NotFound):
    """The platform does not have a path that every account has (404)."""

    lead = "There is no service of mobile push at this address"
    hint = "Nothing was changed. Check the base URL: it must be that of your account."


class Conflict(Refused):
    """The request conflicts with what exists on the platform (409)."""

    lead = "The platform refused the request, which contradicts what is there"
    hint = "Nothing was changed: look at the list again."


class ConfigurationExists(Conflict):
    """The application already has a configuration: `existing`, empty if it cannot be listed."""

    lead = "The application has a configuration already"

    def __init__(
        self, existing: Sequence[Configuration], error_body: ErrorBody = _EMPTY_BODY
    ) -> None:
        keys = " and ".join(configuration.key for configuration in existing)
        self.hint = (
            f"Its key is {keys}; nothing was changed, and you can use that one."
            if keys
            else "Nothing was changed: look at the list again to see it."
        )
        super().__init__(409, error_body)
        self.existing = list(existing)


class RateLimited(Refused):
    """Too many requests (429); the platform asks for a pause of `retry_after` seconds."""

    lead = "The platform says that there were too many requests"

    def __init__(
        self, error_body: ErrorBody = _EMPTY_BODY, retry_after: float = _DEFAULT_RETRY_AFTER
    ) -> None:
        self.hint = f"Nothing was changed; try again in {max(retry_after, 1):.0f} s."
        super().__init__(429, error_body)
        self.retry_after = retry_after


class PlatformBroken(ApiError):
    """The platform failed (5xx), redirected the request, or sent an unreadable answer.

    `status` is that of the answer, None if it could not be read.
    """

    def __init__(self, sentence: str, *, status: int | None = None, details: str = "") -> None:
        super().__init__(sentence, details=details)
        self.status = status


_BY_STATUS: Mapping[int, type[Refused]] = {404: NotFound, 409: Conflict}

# The outcome of a change after a failure of the platform, if no more is known.
UNKNOWN_OUTCOME = (
    "If you asked for a change, it may or may not have been made: look at the list again before you"
    " repeat it."
)


def error_from_answer(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    secret: Secret | None = None,
    outcome: str = UNKNOWN_OUTCOME,
    requirement: AuthRequirement = _NO_REQUIREMENT,
) -> ApiError | None:
    """Return the error that an answer stands for; None for any 2xx (platform.md §2, §7).

    Header names are compared without case. `secret` (a key, or a complete `Authorization`
    value) is masked wherever the answer repeats it. `outcome` is the sentence about the state
    after a 5xx; `requirement` explains a 401 or 403.
    """
    if 200 <= status < 300:
        return None
    mask = Mask([secret] if secret else []).mask_text
    error_body = read_error_body(body, mask)
    if 300 <= status < 400:
        return _redirected(status, mask(_header(headers, "location")), error_body)
    if status == 429:
        return RateLimited(error_body, _seconds(_header(headers, "retry-after")))
    if 400 <= status < 500:
        return _refused(status, error_body, requirement)
    return PlatformBroken(
        f"The platform failed ({f'{status} {error_body}'.strip()}). {outcome}",
        status=status,
        details=error_body.details,
    )


def _refused(status: int, error_body: ErrorBody, requirement: AuthRequirement) -> Refused:
    if status == 401:
        return Unauthorized(status, error_body, requirement.auth_causes)
    if status == 403:
        return Forbidden(status, error_body, requirement)
    if status == 404 and not requirement.names_resource:
        return NoSuchService(status, error_body)
    return _BY_STATUS.get(status, Refused)(status, error_body)


def _redirected(status: int, location: str, error_body: ErrorBody) -> PlatformBroken:
    try:
        target = urlsplit(location).hostname or "another path"
    except ValueError:
        target = "an unreadable address"
    return PlatformBroken(
        f"The platform redirected the request to {target} ({status}), which was not followed: your"
        " credential goes nowhere else. Check the base URL.",
        status=status,
        details=error_body.details,
    )


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _seconds(retry_after: str) -> float:
    """Return the seconds of a Retry-After (RFC 9110 §10.2.3), a number or a date; 1 if neither."""
    text = retry_after.strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        return float(text)
    try:
        moment = utils.parsedate_to_datetime(text)
    except ValueError:
        return _DEFAULT_RETRY_AFTER
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
