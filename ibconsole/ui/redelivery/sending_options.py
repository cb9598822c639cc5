"""The way in which messages are sent: form, messages in a request, pace and repetition."""

from collections.abc import Mapping
from contextlib import suppress

from msgspec.structs import replace
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity
from ibconsole.services.redelivery import (
    FASTEST,
    LARGEST_BATCH,
    MOST_PARALLEL,
    RedeliveryForm,
    RedeliveryRequest,
)
from ibconsole.services.retry_law import NO_RETRIES, PRESET_LAWS, InvalidLaw, RetryLaw, read_law
from ibconsole.ui.toolkit import SPACE, plain_tooltip
from ibconsole.ui.widgets import muted, paragraph, set_tone

_FORMS = {
    RedeliveryForm.AS_RECEIVED: (
        "As received",
        "Of a forward the bytes as they came; of a pull the platform's envelope around the"
        " message's own bytes.",
    ),
    RedeliveryForm.AS_PLATFORM: (
        "As the platform would now",
        "The platform's envelope around the message, with the headers that the platform sends.",
    ),
    RedeliveryForm.EDITED: ("Edited text", "The bytes that you write below."),
}
_TOOLTIP = Qt.ItemDataRole.ToolTipRole


class SendingOptions(QWidget):
    """The choices of how messages are sent; `changed` is emitted when one changes.

    `can_edit` offers a text of the user in place of the message's bytes; `law` is the retry law at
    first.
    """

    changed = Signal()

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        can_edit: bool = False,
        law: RetryLaw = NO_RETRIES,
    ) -> None:
        super().__init__(parent)
        self.form = QComboBox()
        self.batch = QSpinBox(minimum=1, maximum=LARGEST_BATCH)
        self.rate = QSpinBox(minimum=0, maximum=round(FASTEST), specialValueText="no limit")
        self.parallel = QSpinBox(minimum=1, maximum=MOST_PARALLEL)
        self.stop = QCheckBox("Stop on the first failure")
        self.law = QComboBox(editable=True)
        self.law_remark = paragraph()
        self._law: RetryLaw | None = None
        self._fill(law, can_edit=can_edit)
        self._lay_out()
        self._connect()
        self._check_law()

    @property
    def chosen_form(self) -> RedeliveryForm:
        """The form in which messages are sent."""
        return RedeliveryForm(self.form.currentData())

    @property
    def is_valid(self) -> bool:
        """True unless the retry law is not valid."""
        return self._law is not None

    def applied_to(self, request: RedeliveryRequest) -> RedeliveryRequest:
        """Return a request with these choices."""
        return replace(
            request,
            form=self.chosen_form,
            law=self._law or NO_RETRIES,
            batch_size=self.batch.value() if self.batch.isEnabled() else 1,
            rate=float(self.rate.value()),
            parallelism=self.parallel.value(),
            stop_on_failure=self.stop.isChecked(),
        )

    @property
    def choices(self) -> dict[str, str]:
        """The choices as texts, to be remembered."""
        form = self.chosen_form
        kept = RedeliveryForm.AS_RECEIVED if form is RedeliveryForm.EDITED else form
        return {
            "form": kept.value,
            "batch": str(self.batch.value()),
            "rate": str(self.rate.value()),
            "parallel": str(self.parallel.value()),
            "stop": "yes" if self.stop.isChecked() else "",
            "law": self.law.currentText() if self._law else "",
        }

    def restore(self, choices: Mapping[str, str]) -> None:
        """Choose what was chosen the last time; what cannot be read stays as it is."""
        number = self.form.findData(choices.get("form", ""))
        self.form.setCurrentIndex(max(number, 0))
        with suppress(KeyError, ValueError, OverflowError):
            self.batch.setValue(int(choices["batch"]))
            self.rate.setValue(int(choices["rate"]))
            self.parallel.setValue(int(choices["parallel"]))
        self.stop.setChecked(bool(choices.get("stop")))
        if law := choices.get("law", ""):
            self.law.setCurrentText(law)

    def offer_edit(self, *, on: bool) -> None:
        """Offer a text of the user in place of one message's bytes, or not."""
        number = self.form.findData(RedeliveryForm.EDITED.value)
        if on and number < 0:
            self._add_form(RedeliveryForm.EDITED)
        elif not on and number >= 0:
            self.form.removeItem(number)

    def edit(self) -> None:
        """Choose to send an edited text, if that is offered."""
        self.form.setCurrentIndex(max(self.form.findData(RedeliveryForm.EDITED.value), 0))

    def _check_law(self) -> None:
        try:
            law = read_law(self.law.currentText())
        except InvalidLaw as error:
            self._law = None
            self._remark(Severity.DANGER, str(error))
        else:
            self._law = law
            self._remark(Severity.MUTED, law.sentence)
        self.changed.emit()

    def _remark(self, tone: Severity, sentence: str) -> None:
        self.law_remark.setText(sentence)
        set_tone(self.law_remark, tone)

    def _on_form_changed(self) -> None:
        form = self.chosen_form
        self.form.setToolTip(plain_tooltip(_FORMS[form][1]))
        self.batch.setEnabled(form is not RedeliveryForm.EDITED)
        self.changed.emit()

    def _connect(self) -> None:
        self.form.currentIndexChanged.connect(self._on_form_changed)
        for field in (self.batch, self.parallel, self.rate):
            field.valueChanged.connect(self.changed)
        self.stop.toggled.connect(self.changed)
        self.law.currentTextChanged.connect(self._check_law)

    def _fill(self, law: RetryLaw, *, can_edit: bool) -> None:
        with QSignalBlocker(self.form):
            for form in _FORMS:
                if can_edit or form is not RedeliveryForm.EDITED:
                    self._add_form(form)
        self.law.addItems([law.name for law in PRESET_LAWS])
        self.law.setCurrentText(law.name)
        self.law.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)

    def _add_form(self, form: RedeliveryForm) -> None:
        text, explanation = _FORMS[form]
        self.form.addItem(text, form.value)
        self.form.setItemData(self.form.count() - 1, plain_tooltip(explanation), _TOOLTIP)

    def _lay_out(self) -> None:
        fields = (
            ("Send", self.form, "The form in which messages are sent"),
            ("Messages in a request", self.batch, "1 sends them one by one"),
            ("Requests a second", self.rate, "The most requests that begin in a second"),
            ("Requests at once", self.parallel, "The most requests that are under way"),
            ("Repeat failures", self.law, "published, none, or delays such as 10s, 1m, 5m"),
        )
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(3 * SPACE)
        grid.setVerticalSpacing(2 * SPACE)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        places = ((0, 0), (0, 2), (1, 0), (1, 2), (2, 0))
        for (name, field, tooltip), (row, column) in zip(fields, places, strict=True):
            field.setAccessibleName(name)
            field.setToolTip(plain_tooltip(tooltip))
            grid.addWidget(muted(name), row, column)
            grid.addWidget(field, row, column + 1)
        grid.addWidget(self.stop, 2, 2, 1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addLayout(grid)
        layout.addWidget(self.law_remark)
