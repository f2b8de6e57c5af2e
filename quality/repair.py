"""Tell a model what is wrong with a record that it wrote, so that it writes it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import translation

from quality import findings

_INSTRUCTIONS = {
    "en": (
        "This record that you wrote was refused:\n%(raw)s\n\nWhat is wrong: %(problem)s\n\n"
        "Write the record again with this mended and everything else unchanged. Reply with the"
        " JSON of this one record and nothing else: no explanation, no Markdown."
    ),
    "zh": (
        "你写的这条记录没有通过检查：\n%(raw)s\n\n问题：%(problem)s\n\n"
        "请只修正这个问题，其余内容保持不变，重新写出这条记录。"
        "只输出这一条记录的 JSON，不要输出任何解释或 Markdown 标记。"
    ),
}
_INTERFACES = {"en": "en", "zh": "zh-hans"}


def instruction(finding: Mapping[str, Any], raw: str, language: str) -> str:
    """Return the prompt that asks for a repair, in the language of the first one."""
    key = "zh" if language.lower().startswith("zh") else "en"
    with translation.override(_INTERFACES[key]):
        problem = findings.sentence(finding)
    return _INSTRUCTIONS[key] % {"raw": raw, "problem": problem}
