"""The panel beside a content rule: what it finds in a text, while it is being written."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from quality import findings
from quality.admin.content_rule_form import ContentRuleForm
from quality.content import MASKABLE, Action, ActiveRule, apply, examine, finder
from quality.content.loading import active
from quality.models import ContentRule
from synthesis.models import Record

LONGEST_TEXT = 20_000
OF_THE_RULE = (
    *("kind", "words", "word_file", "replace_words"),
    *("expression", "data_types", "languages", "default_action"),
)


def preview(form: ContentRuleForm, text: str, prompt: str) -> dict[str, Any]:
    """Let the rule of an unsaved form read a text; its own problems come before that."""
    form.is_valid()
    text = text[:LONGEST_TEXT].replace("\x00", "")
    problems = [sentence for name in OF_THE_RULE for sentence in form.errors.get(name, [])]
    if problems or not text.strip() or "kind" in form.errors:
        return {"problems": problems if text.strip() else [], "sentences": [], "is_tried": False}
    rule = rule_of(form)
    field = _("The text")
    found = examine({field: text}, [rule], [prompt] if prompt.strip() else [])
    return {
        "problems": [],
        "sentences": [findings.sentence({**finding, "action": ""}) for finding in found],
        "is_tried": True,
        "masked": masked(rule, text) if found and form.instance.kind in MASKABLE else None,
    }


def rule_of(form: ContentRuleForm) -> ActiveRule:
    row: ContentRule = form.instance
    if row.pk and not set(OF_THE_RULE) & set(form.changed_data):
        # What is stored is ready in this process: a long list takes half a second to build.
        return active([{"rule": row.pk, "action": Action.MASK}])[0]
    return ActiveRule(name=row.name, action=Action.MASK, find=finder(row.definition))


def masked(rule: ActiveRule, text: str) -> str:
    record = Record(content=text)
    apply([record], [rule])
    return str(record.content)
