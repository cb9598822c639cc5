"""The frame of every pane: title, actions, progress and states; and the splitter between panes."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ibconsole.clock import now_ms
from ibconsole.errors import Severity
from ibconsole.ui.toolkit import DIM_ALPHA, ICON_SIZE, ROW_HEIGHT, SPACE, Theme, times
from ibconsole.ui.widgets.banner import Banner
from ibconsole.ui.widgets.banner_overlay import BannerOverlay
from ibconsole.ui.widgets.buttons import IconButton
from ibconsole.ui.widgets.elided_label import ElidedLabel
from ibconsole.ui.widgets.labels import heading, muted, set_tone
from ibconsole.ui.widgets.notice import Notice
from ibconsole.ui.widgets.progress_line import ProgressLine

_SUBTITLE_WIDTH = 110  # room for the subtitle and the age next to a title


class Splitter(QSplitter):
    """A splitter whose handle is one pixel wide, and can be grabbed two pixels on each side."""

    def __init__(self, orientation: Qt.Orientation, parent: QWidget | None = None) -> None:
        super().__init__(orientation, parent)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)


class PaneFrame(QFrame):
    """A pane in one of its states: blank, loading, content, empty, outdated or denied.

    While the same content is loaded again, the old content stays, dimmed if loading takes
    long. If loading fails, the old content stays, dimmed; one banner for all panes says why.
    The age of old content is shown next to the title. `succeeded` carries the sentence on a
    change that succeeded, for a toast: a banner would take room from the content.
    """

    retry_requested = Signal()
    action_requested = Signal()
    banner_action_requested = Signal()
    succeeded = Signal(str)

    DIM_AFTER_MS = 150
    AGE_INTERVAL_MS = 10_000
    OLD_MS = 60_000

    def __init__(self, title: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("surface")
        self.setAccessibleName(title)
        self.banner = Banner(theme)
        self.notice = Notice(theme)
        self.progress = ProgressLine(theme)
        self._title = heading(title)
        self._subtitle = ElidedLabel()
        self.age = muted("")
        self._read_at: int | None = None
        self._buttons: list[IconButton] = []
        self._others: list[QWidget] = []
        self._age_timer = QTimer(self, interval=self.AGE_INTERVAL_MS)
        self._titles = QHBoxLayout()
        self._body = QVBoxLayout()
        self._content = QWidget()
        self._pages = QStackedWidget()
        self._overlay = _DimOverlay(theme)
        self._dim_timer = QTimer(self, singleShot=True, interval=self.DIM_AFTER_MS)
        self._lay_out()
        self._dim_timer.timeout.connect(self._overlay.show)
        self._age_timer.timeout.connect(self._show_age)
        self.banner.action_requested.connect(self.banner_action_requested)
        self.notice.retry_requested.connect(self.retry_requested)
        self.notice.action_requested.connect(self.action_requested)
        self.show_blank()

    @property
    def has_content(self) -> bool:
        """True if the content is shown, dimmed or not."""
        return self._pages.currentWidget() is self._content

    @property
    def read_at(self) -> int | None:
        """The time at which the content was read; None if there is none."""
        return self._read_at if self.has_content else None

    @property
    def dimmed(self) -> bool:
        """True if the content is shown as outdated or being loaded."""
        return self.has_content and not self._overlay.isHidden()

    def set_subtitle(self, text: str) -> None:
        """Set the text next to the title: what the content belongs to."""
        self._subtitle.setText(text)

    def add_action(self, *widgets: QWidget) -> None:
        """Add buttons at the right of the title; where there is room, they show their texts."""
        for widget in widgets:
            self._titles.addWidget(widget)
            if isinstance(widget, IconButton):
                self._buttons.append(widget)
            else:
                self._others.append(widget)
        self._fit_buttons()

    def set_content(self, content: QWidget) -> None:
        """Set the widget that `show_content` shows."""
        self._body.addWidget(content)

    def reserve_below(self, height: int) -> None:
        """Leave room at the lower edge, which a message about several panes covers."""
        self._banners.reserve(height)

    def show_blank(self) -> None:
        """Show an empty pane, until it has a subject."""
        self._set_read_at(None)
        self._end_loading()
        self.notice.show_blank()
        self._pages.setCurrentWidget(self.notice)

    def show_loading(self, *, keep: bool = True) -> None:
        """Show progress. Without `keep`, hide the old content: it belongs to another subject."""
        if not keep:
            self.banner.clear()
            self.show_blank()
        self.progress.set_busy(on=True)
        if self.has_content:
            self._dim_timer.start()

    def show_content(self, read_at: int | None = None) -> None:
        """Show the content, which was read at this time (milliseconds since the epoch)."""
        self._end_loading()
        self._set_read_at(read_at)
        self._pages.setCurrentWidget(self._content)

    def show_empty(self, sentence: str, action: str = "", *, icon_name: str = "inbox") -> None:
        """Show why there is no content, and one action."""
        self._set_read_at(None)
        self._end_loading()
        self.notice.show_empty(sentence, action, icon_name)
        self._pages.setCurrentWidget(self.notice)

    def show_outcome(
        self, severity: Severity, sentence: str, *, action: str = "", details: str = ""
    ) -> None:
        """Show the outcome of a change: a success as a toast, unless there is more to it."""
        if severity is Severity.OK and not action and not details:
            self.banner.clear()
            self.succeeded.emit(sentence)
        else:
            self.banner.show_notice(severity, sentence, action=action, details=details)

    def show_outdated(self, sentence: str) -> None:
        """Dim the old content, which could not be read again; without any, show the sentence."""
        has_old_content = self.has_content
        self._end_loading()
        if has_old_content:
            self._overlay.show()
            self._show_age()
        else:
            self.show_empty(sentence, icon_name="circle-alert")

    def show_denied(
        self, sentence: str, details: str = "", causes: Sequence[str] = (), *, retry: bool = True
    ) -> None:
        """Show that access is denied, and why (not an error)."""
        self._set_read_at(None)
        self._end_loading()
        self.notice.show_denied(sentence, details, causes, retry=retry)
        self._pages.setCurrentWidget(self.notice)

    def _fit_buttons(self) -> None:
        """Give a word to as many buttons as there is room for, the first ones first."""
        metrics = self.fontMetrics()
        icons = len(self._buttons) * (ICON_SIZE + 4 * SPACE)
        others = sum(one.sizeHint().width() + SPACE for one in self._others)
        room = self.width() - self._title.sizeHint().width() - _SUBTITLE_WIDTH - icons - others
        for button in self._buttons:
            text = button.room_text or button.text()
            room -= metrics.horizontalAdvance(text) + 3 * SPACE
            button.show_room_text(on=room >= 0)

    def _set_read_at(self, read_at: int | None) -> None:
        self._read_at = read_at
        if read_at is None:
            self._age_timer.stop()
        else:
            self._age_timer.start()
        self._show_age()

    def _show_age(self) -> None:
        now = now_ms()
        read_at = now if self._read_at is None else self._read_at
        self.age.setVisible(now - read_at >= self.OLD_MS)
        self.age.setText(times.age(read_at, now))
        self.age.setToolTip(f"As of {times.exact(read_at)}")

    def _end_loading(self) -> None:
        self.progress.set_busy(on=False)
        self._dim_timer.stop()
        self._overlay.hide()

    def _lay_out(self) -> None:
        set_tone(self._subtitle, Severity.MUTED)
        self._titles.setContentsMargins(2 * SPACE, SPACE, SPACE, SPACE)
        self._titles.setSpacing(SPACE)
        self._titles.addWidget(self._title)
        self._titles.addSpacing(SPACE)
        self._titles.addWidget(self._subtitle, 1)
        self._titles.addWidget(self.age)
        title_row = QWidget()
        title_row.setLayout(self._titles)
        title_row.setFixedHeight(ROW_HEIGHT + 2 * SPACE)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._content.setLayout(self._body)
        self._pages.addWidget(self._content)
        self._pages.addWidget(self.notice)
        area = QWidget()
        stack = QGridLayout(area)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.addWidget(self._pages, 0, 0)
        stack.addWidget(self._overlay, 0, 0)
        self._banners = BannerOverlay(area, self.banner, elastic=self._content)
        self._pages.currentChanged.connect(self._banners.update_room)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(title_row)
        layout.addWidget(self.progress)
        layout.addWidget(self._banners, 1)

    # Qt's side

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_buttons()


class _DimOverlay(QWidget):
    """A translucent cover that dims the content and lets mouse events through."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    # Qt's side

    def paintEvent(self, _event: QPaintEvent) -> None:
        colour = QColor(self._theme.colours.surface)
        colour.setAlpha(DIM_ALPHA)
        QPainter(self).fillRect(self.rect(), colour)


class PageStack(QStackedWidget):
    """Pages of which one is shown, and decides how much room is wanted.

    Qt asks the hidden pages as well whenever anything inside is laid out, and wraps their lines
    anew: some 5 ms each time.
    """

    # Qt's side

    def sizeHint(self) -> QSize:
        page = self.currentWidget()
        return page.sizeHint() if page else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        page = self.currentWidget()
        return page.minimumSizeHint() if page else super().minimumSizeHint()

    def hasHeightForWidth(self) -> bool:
        return False
