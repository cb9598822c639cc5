"""The one root of every error that is not a bug."""


class UserError(Exception):
    """Something failed that the user can understand and act on.

    `str(error)` is the sentence shown. Whatever is not a UserError is a bug.
    """
