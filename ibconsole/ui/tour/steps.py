"""The five steps of the tour: what each says, and which part of the window it points at."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

import msgspec
from PySide6.QtWidgets import QWidget


class TourPart(StrEnum):
    """A part of the window that a step points at."""

    CONNECTION = "connection"
    SETUP = "setup"
    MESSAGES = "messages"
    TABS = "tabs"
    SEARCH = "search"


# Finds the widget of a part, None if it is not shown now.
TourTargets = Mapping[TourPart, Callable[[], QWidget | None]]


class TourStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step; `before` is what it says as long as there is no connection, if that differs."""

    part: TourPart
    title: str
    text: str
    before: str = ""
    offers_sandbox: bool = False

    def sentence(self, *, is_connected: bool) -> str:
        """Return what the step says now."""
        return self.text if is_connected or not self.before else self.before


STEPS: Sequence[TourStep] = (
    TourStep(
        part=TourPart.CONNECTION,
        title="Where you are",
        text=(
            "This bar shows the account that is open, its address, and whether it is locked."
            " Production has a frame around the window, and is read-only until you unlock it."
        ),
        before=(
            "There is no connection yet. A connection is an account on the platform; opening one"
            " never takes a message. The sandbox needs none: it is a simulated platform, in a"
            " window of its own."
        ),
        offers_sandbox=True,
    ),
    TourStep(
        part=TourPart.SETUP,
        title="Where messages go",
        text=(
            "Select an application. Next to it are its configuration and its actions, and below"
            " them one sentence says where its messages go."
        ),
        before=(
            "Once there is a connection, its applications are listed here, each with its"
            " configuration, its actions, and where its messages go."
        ),
    ),
    TourStep(
        part=TourPart.MESSAGES,
        title="What has arrived",
        text=(
            "Messages that were pulled or forwarded; they stay on this disk. A pull takes waiting"
            " messages from everybody, each once: the first one asks, and nothing pulls by itself."
        ),
        before=(
            "Messages that are pulled or forwarded stay on this disk; here they are counted. A pull"
            " takes waiting messages from everybody, each once: the first one asks, and nothing"
            " pulls by itself."
        ),
    ),
    TourStep(
        part=TourPart.TABS,
        title="Why nothing arrives",
        text=(
            "The tab Health has numbered findings, each with evidence and a remedy. Listener"
            " receives forwards, Forward test tries a URL, Timeline and Audit say what happened."
        ),
        before=(
            "Once there is a connection, the tab Health has numbered findings, each with evidence"
            " and a remedy. The menus have everything that can be done, by subject."
        ),
    ),
    TourStep(
        part=TourPart.SEARCH,
        title="Find, run, ask",
        text=(
            "Ctrl+K finds or runs anything. F1 opens the page about what has the focus. This tour"
            " is in the menu Help."
        ),
    ),
)
