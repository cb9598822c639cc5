"""Small widgets that define appearance and behaviour, and know nothing of what they show."""

from ibconsole.ui.widgets.banner import Banner
from ibconsole.ui.widgets.banner_overlay import BannerOverlay
from ibconsole.ui.widgets.buttons import ButtonKind, IconButton, PushButton
from ibconsole.ui.widgets.confirm import ConfirmDialog, Question, fit_height
from ibconsole.ui.widgets.connection_marks import (
    ColourChoice,
    ColourMark,
    EnvironmentChoice,
    ProductionFrame,
    colour_icon,
)
from ibconsole.ui.widgets.copy_field import CopyField
from ibconsole.ui.widgets.dialog_stack import open_dialog
from ibconsole.ui.widgets.elided_label import ElidedLabel, show_elided
from ibconsole.ui.widgets.labels import (
    Badge,
    BadgeStyle,
    heading,
    muted,
    paragraph,
    separator,
    set_tone,
)
from ibconsole.ui.widgets.notice import Notice
from ibconsole.ui.widgets.pane_focus import focus_pane, pane_with_focus
from ibconsole.ui.widgets.pane_frame import PaneFrame, Splitter
from ibconsole.ui.widgets.progress_dialog import Job, JobResult, ProgressDialog
from ibconsole.ui.widgets.progress_line import ProgressLine
from ibconsole.ui.widgets.screen_fit import ScreenFit
from ibconsole.ui.widgets.state_dot import StateDot
from ibconsole.ui.widgets.toasts import Toasts

__all__ = [
    "Badge",
    "BadgeStyle",
    "Banner",
    "BannerOverlay",
    "ButtonKind",
    "ColourChoice",
    "ColourMark",
    "ConfirmDialog",
    "CopyField",
    "ElidedLabel",
    "EnvironmentChoice",
    "IconButton",
    "Job",
    "JobResult",
    "Notice",
    "PaneFrame",
    "ProductionFrame",
    "ProgressDialog",
    "ProgressLine",
    "PushButton",
    "Question",
    "ScreenFit",
    "Splitter",
    "StateDot",
    "Toasts",
    "colour_icon",
    "fit_height",
    "focus_pane",
    "heading",
    "muted",
    "open_dialog",
    "pane_with_focus",
    "paragraph",
    "separator",
    "set_tone",
    "show_elided",
]
