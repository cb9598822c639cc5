"""The platform: typed async methods on one account, and everything that can go wrong."""

from ibconsole.api.address import is_loopback, normalize_base_url
from ibconsole.api.authorization import ApiKey, Authorization
from ibconsole.api.budget import Budget
from ibconsole.api.errors import (
    ApiError,
    BadBaseUrl,
    BadCredential,
    ConfigurationExists,
    Conflict,
    Forbidden,
    NotFound,
    PlatformBroken,
    RateLimited,
    Refused,
    Unauthorized,
    Unnamed,
    Unreachable,
    from_answer,
)
from ibconsole.api.exchange import Exchange, PullAnswer
from ibconsole.api.platform import Platform
from ibconsole.api.transport import Transport

__all__ = [
    "ApiError",
    "ApiKey",
    "Authorization",
    "BadBaseUrl",
    "BadCredential",
    "Budget",
    "ConfigurationExists",
    "Conflict",
    "Exchange",
    "Forbidden",
    "NotFound",
    "Platform",
    "PlatformBroken",
    "PullAnswer",
    "RateLimited",
    "Refused",
    "Transport",
    "Unauthorized",
    "Unnamed",
    "Unreachable",
    "from_answer",
    "is_loopback",
    "normalize_base_url",
]
