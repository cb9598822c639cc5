"""The widget that covers the window while its content is built."""

import asyncio
from contextlib import suppress
from datetime import UTC

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ibconsole.ui.first_frame.last_seen import Area, LastSeen
from ibconsole.ui.toolkit import ROW_HEIGHT, SPACE, Theme, strong_font, times

BAR_HEIGHT, STATUS_HEIGHT = 66, 29  # of menus and connection bar, and of the status bar
_TITLE_HEIGHT = ROW_HEIGHT + 2 * SPACE
_TABS_HEIGHT = 7 * SPACE
_TITLE_GAP = 6 * SPACE
_MARK = 12
_PRODUCTION_WIDTH = 3
_PRODUCTION = "production"
_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_UPPER = 0.5  # of the height between the bars
# Relative widths, for a window that was never closed.
_SETUP = ((("Applications",), 0.32), (("Configuration",), 0.25), (("Actions",), 0.43))
_TRAFFIC = ((("Messages", "Listener", "Forward test", "Activity"), 0.68), (("Summary",), 0.32))


class FirstFrame(QWidget):
    """Covers a window with its panes' frames and last-known names until it is removed.

    Everything that is shown is labelled as past: nothing here looks like a present state. With
    `greets`, a window without a record will greet the user, and has no panes.
    """

    def __init__(
        self,
        window: QWidget,
        theme: Theme,
        seen: LastSeen | None,
        *,
        utc: bool = False,
        greets: bool = False,
    ) -> None:
        super().__init__(window)
        self._theme = theme
        self._seen = seen
        self._utc = utc
        self._greets = greets
        self._was_painted = asyncio.Event()
        self.setAccessibleName("ibconsole is opening")
        self.setAutoFillBackground(True)
        self.setGeometry(window.rect())
        window.installEventFilter(self)

    @property
    def areas(self) -> tuple[Area, ...]:
        """The areas that are drawn, scaled to the present size of the window."""
        if self._seen is None or not self._seen.areas:
            return self._default_areas
        width, height = self._seen.size
        across, down = self.width() / max(width, 1), self.height() / max(height, 1)
        if across == down == 1:
            return self._seen.areas
        return tuple(
            Area(
                one.titles,
                round(one.left * across),
                round(one.top * down),
                round(one.width * across),
                round(one.height * down),
                round(one.top * down) + one.rows_top - one.top if one.rows_top else 0,
            )
            for one in self._seen.areas
        )

    @property
    def _default_areas(self) -> tuple[Area, ...]:
        width, height = self.width(), self.height() - BAR_HEIGHT - STATUS_HEIGHT
        if self._greets:
            return (Area(("Welcome",), 0, BAR_HEIGHT, width, height),)
        upper = round(height * _UPPER)
        areas = []
        for columns, top, row_height in (
            (_SETUP, BAR_HEIGHT, upper),
            (_TRAFFIC, BAR_HEIGHT + upper, height - upper),
        ):
            left = 0
            for titles, share in columns:
                areas.append(Area(titles, left, top, round(width * share), row_height))
                left += round(width * share)
        return tuple(areas)

    @property
    def label(self) -> str:
        """The sentence in place of the status: since when the names are known."""
        seen = self._seen
        if seen is None or not seen.connection:
            return "Opening…"
        return f"Opening… Names as of {self._seen_at}"

    @property
    def _seen_at(self) -> str:
        at = self._seen.at if self._seen else 0
        return times.minute(at, UTC if self._utc else None)

    async def painted(self, *, deadline: float = 0.5) -> None:
        """Wait until the frame is on the screen; no longer than `deadline` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(deadline):
                await self._was_painted.wait()

    def _paint_bar(self, painter: QPainter) -> None:
        seen, colours = self._seen, self._theme.colours
        if seen is None or not seen.connection:
            return
        top = BAR_HEIGHT - 11 * SPACE
        left = 10 * SPACE
        if seen.colour:
            painter.fillRect(
                QRect(left, top + 4 * SPACE, _MARK, _MARK),
                self._theme.connection_colour(seen.colour),
            )
            left += _MARK + 2 * SPACE
        painter.setPen(QColor(colours.muted))
        words = (seen.connection, seen.environment.upper(), f"as of {self._seen_at}")
        text = "   ".join(filter(None, words))
        painter.drawText(QRect(left, top, self.width() - left, 11 * SPACE), _MIDDLE, text)

    def _paint_area(self, painter: QPainter, area: Area) -> None:
        colours = self._theme.colours
        place = QRect(area.left, area.top, area.width, area.height)
        painter.fillRect(place, QColor(colours.surface))
        painter.setPen(QColor(colours.border))
        painter.drawRect(place.adjusted(-1, -1, 0, 0))  # in the gaps between panes
        painter.setClipRect(place)
        painter.setFont(strong_font() if len(area.titles) == 1 else self.font())
        painter.setPen(QColor(colours.muted))
        left = area.left + 2 * SPACE
        height = _TITLE_HEIGHT if len(area.titles) == 1 else _TABS_HEIGHT
        for title in area.titles:
            painter.drawText(QRect(left, area.top, area.width, height), _MIDDLE, title)
            left += painter.fontMetrics().horizontalAdvance(title) + _TITLE_GAP
        if area.rows_top and self._seen is not None and self._seen.applications:
            age = QRect(left, area.top, area.width, height)
            painter.setFont(self.font())
            painter.drawText(age, _MIDDLE, f"as of {self._seen_at}")
            self._paint_names(painter, area, self._seen.applications)
        painter.setClipping(False)

    def _paint_names(self, painter: QPainter, area: Area, names: tuple[str, ...]) -> None:
        top, width = area.rows_top, area.width - 4 * SPACE
        for name in names:
            if top + ROW_HEIGHT > area.top + area.height:
                return
            text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, width)
            row = QRect(area.left + 2 * SPACE, top, width, ROW_HEIGHT)
            painter.drawText(row, _MIDDLE, text)
            top += ROW_HEIGHT

    def _paint_production(self, painter: QPainter) -> None:
        width, colour = _PRODUCTION_WIDTH, QColor(self._theme.colours.danger)
        inner = self.rect().adjusted(width, width, -width, -width)
        for side in (
            QRect(0, 0, self.width(), width),
            QRect(0, inner.bottom() + 1, self.width(), width),
            QRect(0, 0, width, self.height()),
            QRect(inner.right() + 1, 0, width, self.height()),
        ):
            painter.fillRect(side, colour)

    # Qt's side

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        match event.type():
            case QEvent.Type.Resize:
                self.setGeometry(self.window().rect())
            case QEvent.Type.ChildPolished:
                self.raise_()  # above the parts of the window, which are built below it
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        self._paint_bar(painter)
        for area in self.areas:
            self._paint_area(painter, area)
        painter.setFont(self.font())
        painter.setPen(QColor(self._theme.colours.muted))
        bottom = QRect(2 * SPACE, self.height() - STATUS_HEIGHT, self.width(), STATUS_HEIGHT)
        painter.drawText(bottom, _MIDDLE, self.label)
        if self._seen is not None and self._seen.environment == _PRODUCTION:
            self._paint_production(painter)
        painter.end()
        QTimer.singleShot(0, self._was_painted.set)
