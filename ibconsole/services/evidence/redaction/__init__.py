"""Redaction of what leaves the console, and the final scan for every secret that it knows.

Values in, values out: nothing here reads files or knows the format of a case.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.evidence.redaction.bodies import RedactedContent
    from ibconsole.services.evidence.redaction.gathering import AccountSource, gather_secrets
    from ibconsole.services.evidence.redaction.known_secrets import KnownSecret, KnownSecrets
    from ibconsole.services.evidence.redaction.redaction import Redaction
    from ibconsole.services.evidence.redaction.rules import (
        Pseudonyms,
        RedactionRules,
        Replacement,
        ReplacementKind,
        TextChoice,
    )
    from ibconsole.services.evidence.redaction.scanning import (
        Leak,
        LeakKind,
        ReadableStream,
        ScanLimits,
        scan,
    )
    from ibconsole.services.evidence.redaction.texts import secret_parts
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "bodies": "RedactedContent",
            "gathering": "AccountSource gather_secrets",
            "known_secrets": "KnownSecret KnownSecrets",
            "redaction": "Redaction",
            "rules": "Pseudonyms RedactionRules Replacement ReplacementKind TextChoice",
            "scanning": "Leak LeakKind ReadableStream ScanLimits scan",
            "texts": "secret_parts",
        },
    )

__all__ = [
    "AccountSource",
    "KnownSecret",
    "KnownSecrets",
    "Leak",
    "LeakKind",
    "Pseudonyms",
    "ReadableStream",
    "RedactedContent",
    "Redaction",
    "RedactionRules",
    "Replacement",
    "ReplacementKind",
    "ScanLimits",
    "TextChoice",
    "gather_secrets",
    "scan",
    "secret_parts",
]
