from __future__ import annotations

import pytest

from quality import repair

FINDING = {
    "check": "format",
    "code": "too_short",
    "field": "answer",
    "value": 3,
    "limit": 9,
}


def test_asks_for_a_repair_with_what_is_wrong() -> None:
    text = repair.instruction(FINDING, '{"answer": "Yes"}', "en")
    assert '{"answer": "Yes"}' in text
    assert "What is wrong: answer has 3 characters; 9 are the fewest." in text


@pytest.mark.parametrize("language", ["zh", "zh-hans", "ZH"])
def test_asks_in_chinese_where_the_prompt_is_chinese(language: str) -> None:
    text = repair.instruction(FINDING, "{}", language)
    assert text.startswith("你写的这条记录没有通过检查：\n{}")
    assert "Markdown" in text
