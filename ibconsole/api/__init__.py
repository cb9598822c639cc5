"""The platform's API: typed async methods for one account, and the errors they raise."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.api.address import SHARED_HOST, is_shared_base_url, normalize_base_url
    from ibconsole.api.authorization import (
        ApiKey,
        Authorization,
        Basic,
        SessionToken,
        clean_api_key,
    )
    from ibconsole.api.budget import Budget, background_requests
    from ibconsole.api.client import ApiClient
    from ibconsole.api.encoding import ACCEPTED
    from ibconsole.api.errors import (
        ApiError,
        Forbidden,
        NotFound,
        PlatformBroken,
        RateLimited,
        Refused,
        Unauthorized,
        Unreachable,
    )
    from ibconsole.api.exchange import KEPT_BODY, Exchange, PullAnswer, current_act, current_purpose
    from ibconsole.api.gate import (
        Call,
        CallKind,
        CallOutcome,
        CallState,
        Finish,
        Gate,
        NotPermitted,
        admit_all,
        admit_reads,
        finish_unrecorded,
    )
    from ibconsole.api.masking import Mask
    from ibconsole.api.oauth import ClientCredentials
    from ibconsole.api.platform import Platform, deletion_path, new_action_request
    from ibconsole.api.transport import HttpTransport
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "address": "SHARED_HOST is_shared_base_url normalize_base_url",
            "authorization": "ApiKey Authorization Basic SessionToken clean_api_key",
            "budget": "Budget background_requests",
            "client": "ApiClient",
            "encoding": "ACCEPTED",
            "errors": (
                "ApiError Forbidden NotFound PlatformBroken RateLimited Refused Unauthorized "
                "Unreachable"
            ),
            "exchange": "KEPT_BODY Exchange PullAnswer current_act current_purpose",
            "gate": (
                "Call CallKind CallOutcome CallState Finish Gate NotPermitted admit_all "
                "admit_reads finish_unrecorded"
            ),
            "masking": "Mask",
            "oauth": "ClientCredentials",
            "platform": "Platform deletion_path new_action_request",
            "transport": "HttpTransport",
        },
    )

__all__ = [
    "ACCEPTED",
    "KEPT_BODY",
    "SHARED_HOST",
    "ApiClient",
    "ApiError",
    "ApiKey",
    "Authorization",
    "Basic",
    "Budget",
    "Call",
    "CallKind",
    "CallOutcome",
    "CallState",
    "ClientCredentials",
    "Exchange",
    "Finish",
    "Forbidden",
    "Gate",
    "HttpTransport",
    "Mask",
    "NotFound",
    "NotPermitted",
    "Platform",
    "PlatformBroken",
    "PullAnswer",
    "RateLimited",
    "Refused",
    "SessionToken",
    "Unauthorized",
    "Unreachable",
    "admit_all",
    "admit_reads",
    "background_requests",
    "clean_api_key",
    "current_act",
    "current_purpose",
    "deletion_path",
    "finish_unrecorded",
    "is_shared_base_url",
    "new_action_request",
    "normalize_base_url",
]
