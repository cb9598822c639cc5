"""Evidence in the terminal: HTTP archives, and a collection for Postman."""

from ibconsole.cli.evidence.har import har
from ibconsole.cli.evidence.postman import postman_collection

__all__ = ["har", "postman_collection"]
