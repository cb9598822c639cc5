"""The window of the help: pages, their list with a search, and the way back.

It is a window of its own, so that it can be read next to what it is about, also while a dialog is
open. It loads nothing but the program's own pages.
"""

from PySide6.QtCore import QByteArray, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QKeySequence,
    QShortcut,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from ibconsole.ui.help.pages import CONTENTS, HelpPage, HelpPages
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import PushButton, Splitter

_SIZE = QSize(880, 620)
_LIST_WIDTH = 250
_BELOW = 2 * SPACE  # pixels
_ABOVE = {2: 4 * SPACE, 3: 3 * SPACE}  # pixels, by the level of a heading
_MOST_FOUND = 200  # pages in the list


class PageView(QTextBrowser):
    """Shows one page; a link emits `page_requested`, and nothing is loaded."""

    page_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._document: QTextDocument | None = None
        self.setOpenLinks(False)
        self.setAccessibleName("Page")
        self.anchorClicked.connect(self._on_anchor_clicked)

    def show_page(self, page: HelpPage) -> None:
        """Show a page from its beginning."""
        # Apart from the view, which would lay it out again after each change.
        document, before = QTextDocument(self), self._document
        document.setDefaultFont(self.font())
        document.setDocumentMargin(4 * SPACE)
        document.setMarkdown(page.markdown)
        _space_out(document)
        self.setDocument(document)
        self._document = document
        if before:
            before.deleteLater()
        self.setAccessibleName(f"Page: {page.title}")

    def _on_anchor_clicked(self, url: QUrl) -> None:
        if url.isRelative():
            self.page_requested.emit(url.path())

    # Qt's side

    def loadResource(self, _kind: int, _name: QUrl | str) -> object:
        return QByteArray()


def _space_out(document: QTextDocument) -> None:
    """Give paragraphs, items and headings their distances and sizes, of which Qt has none."""
    cursor, block = QTextCursor(document), document.begin()
    cursor.beginEditBlock()
    while block.isValid():
        cursor.setPosition(block.position())
        shape = QTextBlockFormat()
        level = block.blockFormat().headingLevel()
        if level:
            letters = QTextCharFormat()
            letters.setProperty(QTextFormat.Property.FontSizeAdjustment, 2 if level == 1 else 1)
            cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
            cursor.mergeCharFormat(letters)
            cursor.setPosition(block.position())
        shape.setTopMargin(_ABOVE.get(level, 0))
        shape.setBottomMargin(SPACE if block.textList() or cursor.currentTable() else _BELOW)
        cursor.mergeBlockFormat(shape)
        block = block.next()
    cursor.endEditBlock()


class HelpWindow(QWidget):
    """Lists the pages next to the one that is shown."""

    def __init__(self, pages: HelpPages, theme: Theme) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self._pages = pages
        self._theme = theme
        self._back: list[str] = []
        self._forward: list[str] = []
        self.current = ""
        self.setObjectName("surface")
        self.setWindowTitle("Help")
        self.search = QLineEdit(placeholderText="Search the help")
        self.search.setAccessibleName("Search the help")
        self.search.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Pages")
        self.list.setSpacing(SPACE // 2)
        self.view = PageView()
        self.back = PushButton("Back", theme)
        self.forward = PushButton("Forward", theme)
        self.contents = PushButton("Contents", theme)
        self._lay_out()
        self._connect()
        self.show_found("")
        self._update()

    def show_page(self, name: str) -> None:
        """Show the page of this name, and remember the one before for *Back*."""
        page = self._pages.find(name)
        if self.current and page.name != self.current:
            self._back.append(self.current)
            self._forward.clear()
        self._show(page)

    def show_found(self, text: str) -> None:
        """List the pages that have all words of a text; all written ones without any."""
        self.list.blockSignals(True)  # noqa: FBT003 Qt's
        self.list.clear()
        for page in self._pages.search(text)[:_MOST_FOUND]:
            item = QListWidgetItem(page.title, self.list)
            item.setData(Qt.ItemDataRole.UserRole, page.name)
            item.setToolTip(page.title)
        self.list.blockSignals(False)  # noqa: FBT003 Qt's
        self._select_current()

    def go_back(self) -> None:
        """Show the page before."""
        self._move(self._back, self._forward)

    def go_forward(self) -> None:
        """Show the page that *Back* has left."""
        self._move(self._forward, self._back)

    def _move(self, source: list[str], target: list[str]) -> None:
        if source:
            target.append(self.current)
            self._show(self._pages.find(source.pop()))

    def _show(self, page: HelpPage) -> None:
        self.current = page.name
        self.view.show_page(page)
        self.setWindowTitle("Help" if page.name == CONTENTS else f"Help: {page.title}")
        self._select_current()
        self._update()

    def _select_current(self) -> None:
        self.list.blockSignals(True)  # noqa: FBT003 Qt's
        self.list.setCurrentRow(-1)
        for row in range(self.list.count()):
            if self.list.item(row).data(Qt.ItemDataRole.UserRole) == self.current:
                self.list.setCurrentRow(row)
        self.list.blockSignals(False)  # noqa: FBT003 Qt's

    def _update(self) -> None:
        self.back.setEnabled(bool(self._back))
        self.forward.setEnabled(bool(self._forward))
        self.contents.setEnabled(self.current != CONTENTS)

    def _on_current_changed(self, item: QListWidgetItem | None) -> None:
        if item:
            self.show_page(str(item.data(Qt.ItemDataRole.UserRole)))

    def _on_search_entered(self) -> None:
        if self.list.count():
            self.list.setCurrentRow(0)
            self.list.setFocus()

    def _on_search_wanted(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _on_theme_changed(self) -> None:
        if self.current:  # the colours of links are in the document
            self.view.show_page(self._pages.find(self.current))

    def _connect(self) -> None:
        self.view.page_requested.connect(self.show_page)
        self.search.textChanged.connect(self.show_found)
        self.search.returnPressed.connect(self._on_search_entered)
        self.list.currentItemChanged.connect(self._on_current_changed)
        self.back.clicked.connect(self.go_back)
        self.forward.clicked.connect(self.go_forward)
        self.contents.clicked.connect(lambda: self.show_page(CONTENTS))
        self._theme.changed.connect(self._on_theme_changed)
        for keys, run in (
            (QKeySequence("Escape"), self.close),
            (QKeySequence(QKeySequence.StandardKey.Back), self.go_back),
            (QKeySequence(QKeySequence.StandardKey.Forward), self.go_forward),
            (QKeySequence(QKeySequence.StandardKey.Find), self._on_search_wanted),
        ):
            QShortcut(keys, self).activated.connect(run)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(2 * SPACE)
        for button in (self.back, self.forward, self.contents):
            bar.addWidget(button)
        bar.addStretch(1)
        left, right = QWidget(), QWidget()
        for side, parts in ((left, (self.search, self.list)), (right, (bar, self.view))):
            column = QVBoxLayout(side)
            column.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
            column.setSpacing(2 * SPACE)
            for part in parts:
                if isinstance(part, QWidget):
                    column.addWidget(part)
                else:
                    column.addLayout(part)
        splitter = Splitter(Qt.Orientation.Horizontal)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setSizes([_LIST_WIDTH, _SIZE.width() - _LIST_WIDTH])
        splitter.setStretchFactor(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)
        self.resize(_SIZE)

    # Qt's side

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.search.clear()
