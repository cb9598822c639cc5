"""The base of every widget: theme, icons, commands, background tasks, times and texts.

Contains no widget; `times` is used as a module.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.toolkit.codes import BY_ADMINISTRATOR, CodeDisplay
    from ibconsole.ui.toolkit.commands import Command, Group, Permit, Shortcut, run_at_once
    from ibconsole.ui.toolkit.icons import ICON_SIZE, application_icon, icon, severity_icon
    from ibconsole.ui.toolkit.marking import draw_marked, match_format, utf16_length
    from ibconsole.ui.toolkit.matches import (
        Spans,
        elide_matches,
        find_matches,
        mark_html,
        shown_matches,
    )
    from ibconsole.ui.toolkit.status_text import (
        REFUSAL_REMEDIES,
        Indicator,
        ResultText,
        StatusText,
        describe_answers,
        describe_archive,
        describe_listener,
        describe_pull,
        describe_pull_loop,
        describe_pull_loop_result,
        describe_pull_result,
        with_other_puller,
    )
    from ibconsole.ui.toolkit.tasks import UiTasks
    from ibconsole.ui.toolkit.team_text import describe_team, describe_team_link
    from ibconsole.ui.toolkit.text import (
        ApplicationNames,
        brief,
        byte_size,
        copy_to_clipboard,
        one_line,
        plain_tooltip,
    )
    from ibconsole.ui.toolkit.theme import (
        DIM_ALPHA,
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
    from ibconsole.ui.toolkit.times import TimeDisplay
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "codes": "BY_ADMINISTRATOR CodeDisplay",
            "commands": "Command Group Permit Shortcut run_at_once",
            "icons": "ICON_SIZE application_icon icon severity_icon",
            "marking": "draw_marked match_format utf16_length",
            "matches": "Spans elide_matches find_matches mark_html shown_matches",
            "status_text": (
                "REFUSAL_REMEDIES Indicator ResultText StatusText describe_archive "
                "describe_answers describe_listener "
                "describe_pull describe_pull_loop describe_pull_loop_result "
                "describe_pull_result with_other_puller"
            ),
            "tasks": "UiTasks",
            "team_text": "describe_team describe_team_link",
            "text": "ApplicationNames brief byte_size copy_to_clipboard one_line plain_tooltip",
            "theme": (
                "DIM_ALPHA ROW_HEIGHT SPACE Colours Scheme Theme mono_font set_property "
                "small_font strong_font"
            ),
            "times": "TimeDisplay",
        },
    )

__all__ = [
    "BY_ADMINISTRATOR",
    "DIM_ALPHA",
    "ICON_SIZE",
    "REFUSAL_REMEDIES",
    "ROW_HEIGHT",
    "SPACE",
    "ApplicationNames",
    "CodeDisplay",
    "Colours",
    "Command",
    "Group",
    "Indicator",
    "Permit",
    "ResultText",
    "Scheme",
    "Shortcut",
    "Spans",
    "StatusText",
    "Theme",
    "TimeDisplay",
    "UiTasks",
    "application_icon",
    "brief",
    "byte_size",
    "copy_to_clipboard",
    "describe_answers",
    "describe_archive",
    "describe_listener",
    "describe_pull",
    "describe_pull_loop",
    "describe_pull_loop_result",
    "describe_pull_result",
    "describe_team",
    "describe_team_link",
    "draw_marked",
    "elide_matches",
    "find_matches",
    "icon",
    "mark_html",
    "match_format",
    "mono_font",
    "one_line",
    "plain_tooltip",
    "run_at_once",
    "set_property",
    "severity_icon",
    "shown_matches",
    "small_font",
    "strong_font",
    "utf16_length",
    "with_other_puller",
]
