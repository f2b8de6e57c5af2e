"""Answer as a judge: a verdict for each record in the prompt."""

from __future__ import annotations

import json
import random
import re
from typing import Any

RECORD = re.compile(r"<<<RECORD (\d+) ")
DIMENSION = re.compile(r"^(d\d+) · ", re.MULTILINE)
BEST, WORST = 5, 1


def is_asked(body: dict[str, Any]) -> bool:
    return bool(RECORD.search(prompt_of(body)))


def prompt_of(body: dict[str, Any]) -> str:
    text = body["messages"][-1]["content"]
    return text if isinstance(text, str) else text[0]["text"]


def answer(body: dict[str, Any], dice: random.Random, p_pass: float) -> tuple[str, int]:
    """Return the verdicts as text, and how many of them are good."""
    prompt = prompt_of(body)
    keys = DIMENSION.findall(prompt)
    scores = [
        (number, BEST if dice.random() < p_pass else WORST)
        for number in map(int, RECORD.findall(prompt))
    ]
    verdicts = [
        {"record": number, **{key: {"reason": f"It is {score}.", "score": score} for key in keys}}
        for number, score in scores
    ]
    return json.dumps({"verdicts": verdicts}), sum(score == BEST for _number, score in scores)
