"""Why a run stopped or a call failed, as a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from providers import errors

if TYPE_CHECKING:
    from synthesis.models.run import Run

JUDGE = "judge:"  # before a provider error's code: it met the judge

WORDS: list[str] = []
SENTENCES: dict[str, str | Promise] = {
    "low_acceptance": _(
        "Hardly any new record was accepted lately: of {made} made, {accepted} were accepted,"
        " {duplicate} were duplicates, {malformed} malformed and {rejected} rejected. Make the"
        " prompt or its variables more varied, raise the temperature, loosen the schema, or use"
        " another model; then resume."
    ),
    "items_lacking": _(
        "Items of the source that still lack records: {detail}. The latest calls for them brought"
        " hardly any. Read what came back for them, make the prompt fit them too, or ask for fewer"
        " records per item; then resume."
    ),
    "source_changed": _(
        "The source does not hold the items any more that the run was planned for. Start the task"
        " again."
    ),
    JUDGE: _("Paused because of the judge: {advice}"),
    "low_judgement": _(
        "Hardly any record passed its judge lately: of {made} made, {accepted} were accepted and"
        " {rejected} rejected. Read the judge's reasons at the records, make the prompt better, or"
        " lower what the judge asks for; then resume."
    ),
    "judge_failing": _(
        "Paused, for the latest judgements all failed, the last one with: {detail} Mend the cause,"
        " then retry the failed batches."
    ),
    "calls_failing": _(
        "The latest calls all failed, the last one with: {detail} Look at the failures below,"
        " mend the cause, then resume."
    ),
    "poison": _(
        "The batch was begun several times and its worker died each time. Look at the worker's"
        " log; retry the failed batches when the cause is mended."
    ),
    "write_failed": _(
        "The answer is stored, but its records could not be checked or saved: {detail}"
    ),
    "model_gone": _(
        "The model {detail} was deleted after the run had started. Choose another model for the"
        " task and start it again."
    ),
    "not_servable": _(
        "The run could not be served: {detail} Look at the worker's log; resume when the cause"
        " is mended."
    ),
    "bad_setup": _("The run cannot go on as it is set up: {detail}"),
    "job_poison": _(
        "The job was begun several times and its worker died each time. Look at the worker's log,"
        " then start it again."
    ),
    "source_gone": _("The source was deleted before it was loaded."),
    "nothing_loaded": _("Nothing could be loaded: the files or the dataset gave not one item."),
    "source_file_gone": _("The uploaded file is not there any more. Upload it again."),
    "repeats": _("It has the same content as {detail}, and was left out."),
    "rows_unreadable": _("Rows that could not be read were left out: {detail}"),
    "broke_off": _("The job broke off: {detail} Look at the worker's log, then start it again."),
}


def add(sentences: Mapping[str, str | Promise]) -> None:
    """Let another app name its own reasons; {detail} stands for what is known besides."""
    SENTENCES.update(sentences)


def add_words(sentences: Iterable[str]) -> None:
    """Let another app name sentences that it keeps in details, in English as all details are."""
    WORDS.extend(sentences)


def in_words(detail: str) -> str:
    """Translate what the product itself wrote into a detail; a vendor's words stay as they are."""
    for words in WORDS:
        detail = detail.replace(words, gettext(words))
    return detail


def sentence(code: str, run: Run | None = None, detail: str = "") -> str:
    """Return the sentence for a reason or provider error code, with the run's figures."""
    if code.startswith(JUDGE):
        return str(SENTENCES[JUDGE]).format(advice=errors.advice(code.removeprefix(JUDGE)))
    if code not in SENTENCES:
        return str(errors.advice(code))
    names = ("accepted", "duplicate", "malformed", "rejected", "made")
    figures = {name: getattr(run, name, 0) for name in names}
    known = in_words(getattr(run, "reason_detail", detail))
    return str(SENTENCES[code]).format(detail=known, **figures)
