"""A collection for Postman of the platform's ten calls (platform.md §2), without a secret in it."""

from ibconsole.services.evidence.postman.collection import postman_collection

__all__ = ["postman_collection"]
