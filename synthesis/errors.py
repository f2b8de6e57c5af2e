"""What the user cannot do right now, and why.

SynthesisError
├── TaskNotReadyError    a task cannot start as it is
├── ShortageError        sources hold fewer records than a mixture wants
├── WrongStateError      a run is not in a state that allows this
├── SourceError          a source cannot be loaded now
└── WorkerRunningError   a second worker was started on one data directory
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "still_active": _("The task is still running. Cancel it, or wait until it ends."),
    "no_model": _("No language model is chosen and there is no default one. Choose a model."),
    "model_disabled": _(
        "The model {detail}, or its provider, is switched off. Enable it or choose another model."
    ),
    "never_ran": _("The task has not run yet. Start it first."),
    "has_run": _("The ratio task has run. Clone it, and change the copy."),
    "has_mixed": _("The mixture is complete. Clone it: the copy has a dataset of its own."),
    "mixture_short": _(
        "There are fewer records than wanted. {detail} Ask for fewer, filter less, or take what"
        " is there."
    ),
    "part_of_ratio": _(
        "The task is a category of the ratio task {detail}, which alone starts, changes and"
        " deletes it."
    ),
    "source_not_ready": "{detail}",
    "worker_running": _(
        "Another worker already runs on the data directory {detail}. Stop it first."
    ),
    "source_used": _(
        "Runs have used this source, so its items stay as they are. Copy the source, and change the"
        " copy."
    ),
    "source_loading": _("The source is being loaded. Wait until it is, or cancel that."),
    "wrong_state": _("This is not possible while the run is “{detail}”."),
}


class SynthesisError(Exception):
    status_code = 409

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return str(SENTENCES[self.code]).format(detail=self.detail)


class TaskNotReadyError(SynthesisError):
    pass


class ShortageError(SynthesisError):
    pass


class WrongStateError(SynthesisError):
    pass


class SourceError(SynthesisError):
    pass


class WorkerRunningError(SynthesisError):
    pass
