"""What every widget uses: theme, icons, commands, tasks, times and text. Draws nothing itself."""

from ibconsole.ui.toolkit.commands import Command, Group, Shortcut
from ibconsole.ui.toolkit.icons import ICON_SIZE, application_icon, icon
from ibconsole.ui.toolkit.status_text import (
    SourceState,
    archive_words,
    ended_state,
    listener_state,
    pull_state,
    repeat_state,
    report_state,
)
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.text import ApplicationNames, copy, plain_tooltip
from ibconsole.ui.toolkit.theme import (
    ROW_HEIGHT,
    SPACE,
    Colours,
    Scheme,
    Theme,
    mono_font,
    set_property,
    small_font,
    strong_font,
)
from ibconsole.ui.toolkit.times import Clock

__all__ = [
    "ICON_SIZE",
    "ROW_HEIGHT",
    "SPACE",
    "ApplicationNames",
    "Clock",
    "Colours",
    "Command",
    "Group",
    "Scheme",
    "Shortcut",
    "SourceState",
    "Theme",
    "UiTasks",
    "application_icon",
    "archive_words",
    "copy",
    "ended_state",
    "icon",
    "listener_state",
    "mono_font",
    "plain_tooltip",
    "pull_state",
    "repeat_state",
    "report_state",
    "set_property",
    "small_font",
    "strong_font",
]
