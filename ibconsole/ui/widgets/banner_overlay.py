"""Shows messages at the lower edge of what they are about.

Messages come when they like: after a pull, or because the network failed. Nothing that can be
clicked may move then, or a click meant for one button reaches another. So a message covers the
lower edge instead of taking its room from above.
"""

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from ibconsole.ui.widgets.banner import Banner
from ibconsole.ui.widgets.pane_focus import focus_pane


class BannerOverlay(QWidget):
    """Content with banners above its lower edge, the first one lowest.

    `elastic` is the part of the content that may get lower, such as a table: it does so from
    below while it is visible, and its last rows can be scrolled into view. `covered` carries the
    height of the visible banners when it changes.
    """

    covered = Signal(int)

    def __init__(self, content: QWidget, *banners: Banner, elastic: QWidget | None = None) -> None:
        super().__init__()
        self._content = content
        self._elastic = elastic
        self._banners: list[Banner] = []
        self._height = self._reserved = 0
        content.setParent(self)
        for banner in banners:
            self.add(banner)

    def add(self, banner: Banner) -> None:
        """Show this banner above the others."""
        banner.setParent(self)
        banner.room_changed.connect(self.update_room)
        banner.focus_released.connect(self._on_focus_released)
        self._banners.append(banner)
        self.update_room()

    def reserve(self, height: int) -> None:
        """Leave room below the banners, which something else covers."""
        self._reserved = height
        self.update_room()

    def update_room(self) -> None:
        """Place everything, after a banner or the visible part of the content has changed."""
        width, bottom = self.width(), self.height() - self._reserved
        top = bottom
        for banner in self._banners:
            if not banner.isHidden():
                height = min(banner.heightForWidth(width), top)
                top -= height
                banner.setGeometry(0, top, width, height)
                banner.raise_()
        lost = self.height() - top if self._is_elastic() else 0
        least = self.minimumSizeHint().height()
        self._content.setGeometry(0, 0, width, max(self.height() - lost, least))
        if bottom - top != self._height:
            self._height = bottom - top
            self.covered.emit(self._height)

    def _on_focus_released(self) -> None:
        """Let the keyboard go on in the content; Qt would go to the next pane."""
        focus_pane((self._content,), step=1)

    # Qt's side

    def sizeHint(self) -> QSize:
        return self._content.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._content.minimumSizeHint().expandedTo(self._content.minimumSize())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.update_room()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self.update_room()
        return super().event(event)

    def _is_elastic(self) -> bool:
        return self._elastic is not None and self._elastic.isVisibleTo(self)
