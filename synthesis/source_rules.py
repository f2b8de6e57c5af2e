"""What must hold between a task and the source that it generates from, as sentences per field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from synthesis import source_prompts, steps, templating
from synthesis.models.order import MOST_RECORDS

if TYPE_CHECKING:
    from synthesis.models.source import Source
    from synthesis.models.task import SynthesisTask
    from synthesis.models.template import PromptContent

Problems = dict[str, list[str]]


def problems(task: SynthesisTask) -> Problems:
    """List what keeps the task from generating from its source, by field."""
    source = task.source
    if source is None:
        if task.records_per_item is None:
            return {}
        return {"records_per_item": [_("Choose the source that the records are made from.")]}
    found: Problems = {}
    if sentence := not_ready(source):
        found["source"] = [sentence]
    elif sentence := too_many(task.order_count()):
        found["records_per_item"] = [sentence]
    if task.items_per_call > task.batch_size:
        text = _("A call asks for a record of each item: the batch size must be %(size)s or more.")
        found["items_per_call"] = [text % {"size": task.items_per_call}]
    return found


def not_ready(source: Source) -> str:
    """Say why nothing can be made from a source yet; empty where it can."""
    if source.is_open:
        return _("The source “%(name)s” is still being loaded. Wait until it is there.") % {
            "name": source
        }
    if source.item_count == 0:
        return _("The source “%(name)s” holds nothing to generate from. Load it first.") % {
            "name": source
        }
    return ""


def too_many(records: int) -> str:
    if records <= MOST_RECORDS:
        return ""
    facts = {"count": records, "most": MOST_RECORDS}
    return _("That makes %(count)s records; a run can want at most %(most)s.") % facts


def unused(content: PromptContent, source: Source) -> str:
    """Remark that the prompt shows nothing of the source; empty where it does."""
    texts = [content.system_prompt, *steps.prompts(content.content())]
    used = templating.variables("\n".join(texts))
    if set(used) & set(source_prompts.names(source.columns)):
        return ""
    text = _("The prompt uses no variable of the source, so the model does not see it: %(names)s.")
    return text % {"names": source_prompts.in_braces(source.columns)}
