"""The dialog of an export: the choices, what each replaces, and the written bundle."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity, UserError
from ibconsole.services.evidence.bundles import ExportedBundle, ExportPreview
from ibconsole.services.evidence.redaction import Replacement
from ibconsole.services.messages import Progress
from ibconsole.ui.evidence.export_choices import ExportFields
from ibconsole.ui.evidence.pin_places import short_title
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable
from ibconsole.ui.toolkit import SPACE, Theme, copy_to_clipboard, mono_font, one_line
from ibconsole.ui.widgets import (
    Banner,
    BannerOverlay,
    ButtonKind,
    CopyField,
    PageStack,
    ProgressLine,
    PushButton,
    Splitter,
    heading,
    muted,
    paragraph,
)

_SIZE = (900, 560)
_SIZES = (300, 560)
_RESULT_SIZE = QSize(560, 260)
_WAIT_MS = 250  # after the last change of a choice
_LONGEST = 100_000  # characters of Markdown that are shown
_SEARCHED = "Secrets are always masked. Before the bundle is written, every byte of it is searched."
_ANYWAY = "Export all the same"


class CaseExportDialog(QDialog):
    """Asks how to export a case.

    `preview_wanted` follows the choices, and `suggestion_wanted` asks for a path. With
    `export_anyway_requested` the user accepts secrets that are not known, and not searched for.
    """

    preview_wanted = Signal()
    suggestion_wanted = Signal()
    export_requested = Signal()
    export_anyway_requested = Signal()
    stop_requested = Signal()

    def __init__(self, title: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bundle: ExportedBundle | None = None
        self._target_is_own = False
        self._busy = False
        self.progress = ProgressLine(theme)
        self.banner = Banner(theme)
        self.fields = ExportFields(theme)
        self.search = QLineEdit(placeholderText="Search what is replaced")
        self.counts = paragraph(tone=Severity.MUTED)
        self.replacements = _replacements_table(self)
        self.markdown = QPlainTextEdit(readOnly=True)
        self.tabs = QTabWidget(documentMode=True)
        self.remarks = paragraph(_SEARCHED, tone=Severity.MUTED)
        self.outcome = paragraph()
        self.path = CopyField("Path of the bundle", theme)
        self.result_remarks = paragraph(tone=Severity.MUTED)
        self.export = PushButton("Export", theme, kind=ButtonKind.PRIMARY, icon_name="download")
        self.cancel = PushButton("Cancel", theme)
        self.step = muted("")
        self.copy = PushButton("Copy Markdown", theme, kind=ButtonKind.PRIMARY, icon_name="copy")
        self.show_folder = PushButton("Show in folder", theme, icon_name="external-link")
        self.done_button = PushButton("Close", theme)
        self._pages = PageStack()
        self._timer = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._set_up(title)
        self._lay_out(title)
        self._connect()
        self._update()

    @property
    def is_exporting(self) -> bool:
        """True while the bundle is written."""
        return self._busy

    @property
    def bundle(self) -> ExportedBundle | None:
        """The written bundle, None before there is one."""
        return self._bundle

    def show_previewing(self) -> None:
        """Show that a preview is made; the former one stays."""
        self.progress.set_busy(on=True)

    def show_progress(self, progress: Progress) -> None:
        """Show how far a preview or the export is."""
        of = f": {progress.done:,} of {progress.total:,}" if progress.total else "…"
        self.step.setText(f"{progress.stage}{of}")

    def show_preview(self, preview: ExportPreview) -> None:
        """Show what an export replaces."""
        self._end_step()
        self.replacements.placeholder = "Nothing is replaced."
        self.replacements.show_records(list(enumerate(preview.replacements)))
        total = sum(preview.counts.values())
        self.tabs.setTabText(0, f"Replaced ({total:,})")
        self.counts.setText(counts_sentence(preview.counts))
        text = preview.markdown
        self.markdown.setPlainText(text[:_LONGEST] + ("…" if len(text) > _LONGEST else ""))
        self.remarks.setText("\n".join((*preview.remarks, _SEARCHED)))

    def show_preview_failed(self, error: UserError) -> None:
        """Show why there is no preview; nothing can be exported then either."""
        self._end_step()
        self.banner.show_notice(Severity.DANGER, str(error), details=error.details)

    def show_exporting(self) -> None:
        """Show that the bundle is written."""
        self._busy = True
        self.banner.clear()
        self.progress.set_busy(on=True)
        self.fields.setEnabled(False)
        self._update()

    def show_failed(self, error: UserError, *, unknown: bool = False) -> None:
        """Show why nothing was exported; `unknown` secrets can be accepted by the user."""
        self._end_busy()
        self.banner.show_notice(
            Severity.DANGER, str(error), details=error.details, action=_ANYWAY if unknown else ""
        )

    def show_stopped(self) -> None:
        """Show that the user stopped the export."""
        self._end_busy()
        self.banner.show_notice(Severity.INFO, "Stopped. Nothing was exported.")

    def show_bundle(self, bundle: ExportedBundle) -> None:
        """Show the written bundle."""
        self._end_busy()
        self._bundle = bundle
        total = sum(one.count for one in bundle.replacements)
        self.outcome.setText(
            f"The case was exported. {total:,} places were replaced, and no known secret is in any"
            " byte of the bundle."
        )
        self.path.show_value(str(bundle.path))
        self.result_remarks.setText("\n".join(bundle.remarks))
        self._pages.setCurrentIndex(1)
        self.resize(_RESULT_SIZE)
        self.copy.setDefault(True)
        self.copy.setFocus()

    def suggest_target(self) -> None:
        """Ask for a path, unless the user chose one."""
        if not self._target_is_own:
            self.suggestion_wanted.emit()
        elif path := self.fields.path:
            self.fields.show_target(path.with_suffix(self.fields.suffix))
        self._update()

    def show_target(self, path: Any) -> None:
        """Show the path that is suggested."""
        self.fields.show_target(path)
        self._update()

    def _end_step(self) -> None:
        self.progress.set_busy(on=self._busy)
        if not self._busy:
            self.step.clear()

    def _end_busy(self) -> None:
        self._busy = False
        self._end_step()
        self.fields.setEnabled(True)
        self._update()

    def _update(self) -> None:
        has_target = self.fields.path is not None
        self.export.setEnabled(has_target and not self._busy)
        self.export.setToolTip("" if has_target else "Enter the whole path of the bundle.")
        self.cancel.setText("Stop" if self._busy else "Cancel")

    def _on_target_edited(self) -> None:
        self._target_is_own = True
        self._update()

    def _on_cancel(self) -> None:
        if self._busy:
            self.stop_requested.emit()
        else:
            self.reject()

    def _on_copy(self) -> None:
        if self._bundle:
            copy_to_clipboard(self._bundle.markdown)
            self.copy.setText("Copied")

    def _on_show_folder(self) -> None:
        if self._bundle:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._bundle.path.parent)))

    def _connect(self) -> None:
        self.fields.changed.connect(self._timer.start)
        self._timer.timeout.connect(self.preview_wanted)
        self.fields.form_changed.connect(self.suggest_target)
        self.fields.target_edited.connect(self._on_target_edited)
        self.search.textChanged.connect(lambda text: self.replacements.filter(text.strip()))
        self.banner.action_requested.connect(self.export_anyway_requested)
        self.export.clicked.connect(self.export_requested)
        self.cancel.clicked.connect(self._on_cancel)
        self.copy.clicked.connect(self._on_copy)
        self.show_folder.clicked.connect(self._on_show_folder)
        self.done_button.clicked.connect(self.accept)

    def _set_up(self, title: str) -> None:
        self.setWindowTitle(f"Export {short_title(title)}")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.search.setAccessibleName("Search what is replaced")
        self.search.setClearButtonEnabled(True)
        self.markdown.setAccessibleName("The case as Markdown")
        self.markdown.setFont(mono_font())
        self.markdown.setTabChangesFocus(True)
        self.tabs.setAccessibleName("Preview")
        self.export.setDefault(True)
        self.resize(*_SIZE)

    def _lay_out(self, title: str) -> None:
        self._pages.addWidget(self._choices_page(title))
        self._pages.addWidget(self._result_page())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.progress)
        layout.addWidget(self._pages, 1)

    def _choices_page(self, title: str) -> QWidget:
        replaced = QWidget()
        column = QVBoxLayout(replaced)
        column.setContentsMargins(0, 2 * SPACE, 0, 0)
        column.setSpacing(2 * SPACE)
        column.addWidget(self.search)
        column.addWidget(self.counts)
        column.addWidget(self.replacements, 1)
        self.tabs.addTab(replaced, "Replaced")
        self.tabs.addTab(self.markdown, "As Markdown")
        splitter = Splitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.fields)
        splitter.addWidget(BannerOverlay(self.tabs, self.banner, elastic=self.tabs))
        splitter.setSizes(_SIZES)
        splitter.setStretchFactor(1, 1)
        return _page(
            f"Export “{short_title(title)}”",
            (splitter, self.remarks),
            (self.step, self.cancel, self.export),
        )

    def _result_page(self) -> QWidget:
        rest = QWidget()
        rows = (self.outcome, self.path, self.result_remarks, rest)
        return _page("Exported", rows, (self.done_button, self.show_folder, self.copy))


def counts_sentence(counts: Mapping[str, int]) -> str:
    """Return the numbers of what is replaced, by kind."""
    return ", ".join(f"{kind} {count:,}" for kind, count in sorted(counts.items()))


def _page(title: str, rows: Sequence[QWidget], buttons: Sequence[QWidget]) -> QWidget:
    """Return a page with rows of which the last but the paragraphs gets the room."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
    column.setSpacing(3 * SPACE)
    column.addWidget(heading(title))
    for row in rows:
        column.addWidget(row, 1 if isinstance(row, Splitter) or type(row) is QWidget else 0)
    line = QHBoxLayout()
    line.setSpacing(2 * SPACE)
    for button in buttons:
        if isinstance(button, PushButton) and not line.count():
            line.addStretch(1)
        line.addWidget(button, 0 if isinstance(button, PushButton) else 1)
    column.addLayout(line)
    return page


def _replacements_table(parent: QWidget) -> RecordsTable:
    """Return the table of what is replaced, a row for each place and kind."""

    def of(pair: tuple[int, Replacement]) -> Replacement:
        return pair[1]

    columns: list[Column[Any]] = [
        Column("Place", lambda pair: of(pair).place, lambda pair: pair[0]),
        Column("What", lambda pair: of(pair).kind),
        Column("Becomes", lambda pair: one_line(of(pair).token)),
        Column(
            "Times", lambda pair: f"{of(pair).count:,}", lambda pair: of(pair).count, right=True
        ),
    ]
    table = RecordsTable(
        RecordsModel(
            columns,
            lambda pair: pair[0],
            parent,
            search=lambda pair: f"{of(pair).place}\n{of(pair).kind}\n{of(pair).token}",
        ),
        stretch=0,
        preferred_width=170,
    )
    table.setAccessibleName("What is replaced")
    table.set_widths(0, 120, 140, 56)
    return table
