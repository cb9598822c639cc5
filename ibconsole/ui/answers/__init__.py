"""The answers of the listener: presets, the dialog that edits rules, and how long they last."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.answers.answer_controls import AnswerControls
    from ibconsole.ui.answers.presenter import AnswersPresenter
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "answer_controls": "AnswerControls",
            "presenter": "AnswersPresenter",
        },
    )

__all__ = [
    "AnswerControls",
    "AnswersPresenter",
]
