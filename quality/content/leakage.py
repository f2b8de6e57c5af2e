"""Find where a record repeats the instructions that it was made from."""

from __future__ import annotations

from functools import lru_cache

from quality.characters import FIRST_UNSPACED
from quality.content.subject import SEPARATOR, Hit, Subject, fold

# A run this long in both texts is found for certain once it has twice as many letters.
WINDOW = 12
# A letter of a script without spaces says as much as this many of the others.
UNSPACED_WEIGHT = 2.5
ENOUGH = 60
LONGEST_SHOWN = 60


def find(subject: Subject) -> list[Hit]:
    """Find the first long run of letters that also stands in a prompt."""
    if not subject.prompts:
        return []
    prompt, windows = _indexed(subject.prompts)
    text = subject.folded.replace("\n", " ")
    position = 0
    while position + WINDOW <= len(text):
        at = windows.get(text[position : position + WINDOW])
        if at is None:
            position += WINDOW
            continue
        start, end = _widened(text, position, prompt, at)
        if _weight(text[start:end]) >= ENOUGH:
            return [Hit("leakage", start, end, "", text[start:end].strip()[:LONGEST_SHOWN])]
        position = max(end, position + WINDOW)
    return []


@lru_cache(maxsize=64)
def _indexed(prompts: tuple[str, ...]) -> tuple[str, dict[str, int]]:
    """Join the prompts and note where each window of them begins, the first time."""
    # Not the separator of the texts: nothing may run on across two prompts and two texts.
    joined = "\x01".join(fold(prompt).replace("\n", " ") for prompt in prompts)
    windows: dict[str, int] = {}
    for start in range(len(joined) - WINDOW + 1):
        windows.setdefault(joined[start : start + WINDOW], start)
    return joined, windows


def _widened(text: str, position: int, prompt: str, at: int) -> tuple[int, int]:
    start, back = position, at
    while start > 0 and back > 0 and text[start - 1] == prompt[back - 1] != SEPARATOR:
        start, back = start - 1, back - 1
    end, ahead = position + WINDOW, at + WINDOW
    while end < len(text) and ahead < len(prompt) and text[end] == prompt[ahead] != SEPARATOR:
        end, ahead = end + 1, ahead + 1
    return start, end


def _weight(text: str) -> float:
    letters = [letter for letter in text if letter.isalpha()]
    unspaced = sum(letter >= FIRST_UNSPACED for letter in letters)
    if unspaced * 2 < len(letters):
        return len(text)
    return unspaced * UNSPACED_WEIGHT
