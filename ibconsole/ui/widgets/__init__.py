"""Small widgets that know how to look, and nothing of what they show."""

from ibconsole.ui.widgets.banner import Banner
from ibconsole.ui.widgets.buttons import IconButton, Kind, PushButton
from ibconsole.ui.widgets.colour_mark import ColourChoice, ColourMark, colour_icon
from ibconsole.ui.widgets.confirm import ConfirmDialog, Question, fit_height
from ibconsole.ui.widgets.copy_field import CopyField
from ibconsole.ui.widgets.elided_label import ElidedLabel
from ibconsole.ui.widgets.labels import Badge, heading, line, muted, paragraph, set_tone
from ibconsole.ui.widgets.notice import Notice
from ibconsole.ui.widgets.pane_frame import PaneFrame, Splitter
from ibconsole.ui.widgets.progress_dialog import Told, Work, WorkDialog
from ibconsole.ui.widgets.progress_line import ProgressLine
from ibconsole.ui.widgets.state_dot import StateDot
from ibconsole.ui.widgets.toasts import Toasts
from ibconsole.ui.widgets.window_frame import WindowFrame

__all__ = [
    "Badge",
    "Banner",
    "ColourChoice",
    "ColourMark",
    "ConfirmDialog",
    "CopyField",
    "ElidedLabel",
    "IconButton",
    "Kind",
    "Notice",
    "PaneFrame",
    "ProgressLine",
    "PushButton",
    "Question",
    "Splitter",
    "StateDot",
    "Toasts",
    "Told",
    "WindowFrame",
    "Work",
    "WorkDialog",
    "colour_icon",
    "fit_height",
    "heading",
    "line",
    "muted",
    "paragraph",
    "set_tone",
]
