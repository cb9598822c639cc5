"""A pull that is asked for is made once, or not at all."""

from ibconsole.team_archive.pulling.requests import PullRequestState


def test_open_requests() -> None:
    """The outcome of a request may still come while it waits, or after it was taken."""
    assert {state for state in PullRequestState if state.is_open} == {"waiting", "taken"}
