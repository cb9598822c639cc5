"""The platform: typed async methods on one account, and everything that can go wrong."""

from ibconsole.api.address import normalize_base_url
from ibconsole.api.auth_causes import Claim
from ibconsole.api.authorization import ApiKey, Authorization, Basic, SessionToken
from ibconsole.api.budget import Budget
from ibconsole.api.encoding import ACCEPTED
from ibconsole.api.errors import (
    ApiError,
    BadBaseUrl,
    BadCredential,
    ConfigurationExists,
    Conflict,
    Forbidden,
    NoAccessToken,
    NotFound,
    PlatformBroken,
    RateLimited,
    Refused,
    Unauthorized,
    Unnamed,
    Unreachable,
    from_answer,
)
from ibconsole.api.exchange import KEPT_BODY, Exchange, Observer, PullAnswer, asked_by
from ibconsole.api.masking import Mask
from ibconsole.api.oauth import ClientCredentials
from ibconsole.api.platform import Platform, new_action_request
from ibconsole.api.transport import Transport

__all__ = [
    "ACCEPTED",
    "KEPT_BODY",
    "ApiError",
    "ApiKey",
    "Authorization",
    "BadBaseUrl",
    "BadCredential",
    "Basic",
    "Budget",
    "Claim",
    "ClientCredentials",
    "ConfigurationExists",
    "Conflict",
    "Exchange",
    "Forbidden",
    "Mask",
    "NoAccessToken",
    "NotFound",
    "Observer",
    "Platform",
    "PlatformBroken",
    "PullAnswer",
    "RateLimited",
    "Refused",
    "SessionToken",
    "Transport",
    "Unauthorized",
    "Unnamed",
    "Unreachable",
    "asked_by",
    "from_answer",
    "new_action_request",
    "normalize_base_url",
]
