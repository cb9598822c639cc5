"""Small widgets that define appearance and behaviour, and know nothing of what they show."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.widgets.banner import Banner
    from ibconsole.ui.widgets.banner_overlay import BannerOverlay
    from ibconsole.ui.widgets.buttons import (
        ButtonKind,
        IconButton,
        PushButton,
        button_row,
        tab_to_checked,
    )
    from ibconsole.ui.widgets.confirm import ConfirmDialog, Question, fit_height
    from ibconsole.ui.widgets.connection_marks import (
        ColourChoice,
        ColourMark,
        EnvironmentChoice,
        ProductionFrame,
        colour_icon,
    )
    from ibconsole.ui.widgets.copy_field import CopyField
    from ibconsole.ui.widgets.dialog_stack import (
        has_dialog,
        offer_in_dialogs,
        open_dialog,
    )
    from ibconsole.ui.widgets.elided_label import ElidedComboBox, ElidedLabel, show_elided
    from ibconsole.ui.widgets.flow_layout import FlowLayout
    from ibconsole.ui.widgets.labels import (
        Badge,
        BadgeStyle,
        heading,
        muted,
        paragraph,
        separator,
        set_tone,
    )
    from ibconsole.ui.widgets.late_tab import IdleBuilder, LateTab
    from ibconsole.ui.widgets.notice import Notice
    from ibconsole.ui.widgets.pane_focus import first_stop, focus_pane, pane_with_focus
    from ibconsole.ui.widgets.pane_frame import PageStack, PaneFrame, Splitter
    from ibconsole.ui.widgets.progress_dialog import Job, JobResult, ProgressDialog
    from ibconsole.ui.widgets.progress_line import ProgressLine
    from ibconsole.ui.widgets.screen_fit import FocusScroll, ScreenFit
    from ibconsole.ui.widgets.state_dot import StateDot, draw_state
    from ibconsole.ui.widgets.toasts import Toasts
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "banner": "Banner",
            "banner_overlay": "BannerOverlay",
            "buttons": "ButtonKind IconButton PushButton button_row tab_to_checked",
            "confirm": "ConfirmDialog Question fit_height",
            "connection_marks": (
                "ColourChoice ColourMark EnvironmentChoice ProductionFrame colour_icon"
            ),
            "copy_field": "CopyField",
            "dialog_stack": "has_dialog offer_in_dialogs open_dialog",
            "elided_label": "ElidedComboBox ElidedLabel show_elided",
            "flow_layout": "FlowLayout",
            "labels": "Badge BadgeStyle heading muted paragraph separator set_tone",
            "late_tab": "IdleBuilder LateTab",
            "notice": "Notice",
            "pane_focus": "first_stop focus_pane pane_with_focus",
            "pane_frame": "PageStack PaneFrame Splitter",
            "progress_dialog": "Job JobResult ProgressDialog",
            "progress_line": "ProgressLine",
            "screen_fit": "FocusScroll ScreenFit",
            "state_dot": "StateDot draw_state",
            "toasts": "Toasts",
        },
    )

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
    "ElidedComboBox",
    "ElidedLabel",
    "EnvironmentChoice",
    "FlowLayout",
    "FocusScroll",
    "IconButton",
    "IdleBuilder",
    "Job",
    "JobResult",
    "LateTab",
    "Notice",
    "PageStack",
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
    "button_row",
    "colour_icon",
    "draw_state",
    "first_stop",
    "fit_height",
    "focus_pane",
    "has_dialog",
    "heading",
    "muted",
    "offer_in_dialogs",
    "open_dialog",
    "pane_with_focus",
    "paragraph",
    "separator",
    "set_tone",
    "show_elided",
    "tab_to_checked",
]
