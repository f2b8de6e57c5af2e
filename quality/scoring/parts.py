"""The parts of the rule score: each gives 0 to 100 for one quality of a record."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from quality.scoring import defects
from quality.scoring.measures import (
    LEAST_GRAMS,
    LEAST_TOKENS,
    LONG_WORD_LETTERS,
    RUN_LETTERS,
    Measures,
)
from quality.scoring.texts import ANSWERS, EXEMPT, OPTIONAL, QUESTIONS, Reading, Text

if TYPE_CHECKING:
    from quality.scoring import Context

BEST = 100.0

# Completeness
OPEN_END_SCORE = 10.0
LONG_UNENDED_SCORE = 20.0
UNENDED_SCORE = 55.0
PROSE_WORDS = 12
LONG_WORDS = 120

# Length
FULL_ANSWER_WORDS = 6
FULL_OPEN_ANSWER_WORDS = 12
FULL_TEXT_WORDS = 3
ONE_WORD_SCORE = 10.0
FEW_WORDS = 4
NAMED_THING_SCORE = 80.0
VERY_LONG_CHARACTERS, TOO_LONG_CHARACTERS = 10_000, 60_000
OPEN_QUESTION = re.compile(
    r"\b(?:explain|describe|why|write|compare|discuss|summari[sz]e|outline|analy[sz]e|how"
    r" (?:do|does|did|can|could|should|would|to|is|are))\b|为什么|为何|如何|怎么|怎样|解释|描述"
    r"|介绍|[编撰请]写|写[一首篇个段出]|说明|分析|比较|总结|论述|阐述",
    re.IGNORECASE,
)
FACT_QUESTION = re.compile(
    r"\b(?:who|whom|whose|where|when|which|what(?: is|'s) the|what (?:colou?r|year|day|month|time"
    r"|number|name|country|city|word|unit|language|kind|type|animal|sport|currency)|stands? for"
    r"|opposite|synonym|antonym|name (?:the|a|one)|how (?:many|much|old|long|far|tall|often)"
    r"|classify|categori[sz]e|sentiment|category|label)\b"
    r"|哪|谁|何时|何地|几|多少|什么(?:时候|时间|名字|颜色|地方|城市|国家|语言|单位|动物|季节|字|词|货币)"
    r"|反义词|近义词|同义词|还是|分类|类别|情感|判断",
    re.IGNORECASE,
)
ITEMS = re.compile(r"[,，、;；/\n]\s*\S")
YES_NO_QUESTION = re.compile(
    r"^\s*(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|true or false)\b"
    r"|吗[？?]?\s*$|是否|是不是|对不对|能否",
    re.IGNORECASE,
)
YES_NO = re.compile(
    r"^\W*(?:yes|no|true|false|是的?|不是|否|对|不对|能|不能|可以)\W*$", re.IGNORECASE
)
FILLER = re.compile(
    r"^\W*(?:ok(?:ay)?|good|nice|fine|sure|thanks?|idk|yes|no|maybe|great|i do(?:n't| not) know"
    r"|none|好的?|嗯+|是的?|不是|不知道|没有|不清楚|可以|行|对|谢谢|无)\W*$",
    re.IGNORECASE,
)

# Repetition
HARMLESS_REPEATS, ALL_REPEATS = 0.2, 0.6
HARMLESS_CODE_REPEATS, ALL_CODE_REPEATS = 0.5, 0.85
LEAST_DISTINCT, FULL_DISTINCT = 0.15, 0.4
RUN = re.compile(rf"([^\s\-=_*.#~0…—│─])\1{{{RUN_LETTERS - 1},}}")
COPIED_CHARACTERS = 12

# Diversity
COMMON_SHARE, MOST_COMMON_SHARE = 0.1, 0.6
COMMON_OPENING_SCORE = 40.0

# Readability
SENTENCE_WORDS, ENDLESS_WORDS = 60, 250
MOST_SYMBOLS, ALL_SYMBOLS = 0.25, 0.6
LETTER = re.compile(r"[^\W\d_]")
LONG_WORD = re.compile(rf"[^\W\d_]{{{LONG_WORD_LETTERS}}}")


def completeness(reading: Reading, _context: Context) -> float:
    """Nothing that belongs to the record is empty, missing, or stops in the middle."""
    if not reading.leaves:
        return 0.0
    for leaf in reading.leaves:
        if leaf.name not in OPTIONAL and is_hollow(leaf.text, leaf.is_text):
            return 0.0
    return min([ending(text) for text in reading.judged], default=BEST)


def is_hollow(text: str, is_text: bool) -> bool:
    if not text or text.isspace():
        return True
    return is_text and len(text) < 60 and defects.PLACEHOLDER.match(text) is not None


def ending(text: Text) -> float:
    """Does the text stop where it should? Questions and code have their own ways."""
    if text.name in QUESTIONS or text.name in OPTIONAL or text.is_cut_short:
        return BEST
    if defects.is_open(text):
        return OPEN_END_SCORE if text.words >= 2 else BEST
    if text.is_code or text.words < PROSE_WORDS or not defects.is_unended(text.text):
        return BEST
    is_long = text.words >= LONG_WORDS
    if is_long or (text.name in ANSWERS and defects.has_sentences(text.text)):
        return LONG_UNENDED_SCORE
    return UNENDED_SCORE


def length(reading: Reading, _context: Context) -> float:
    """The texts are as long as what they are: an answer has more than a word or two."""
    main = reading.main
    if main is None:
        return BEST
    if main.length > VERY_LONG_CHARACTERS:
        return falling(main.length, VERY_LONG_CHARACTERS, TOO_LONG_CHARACTERS)
    if reading.is_conversation:
        return rising(sum(text.words for text in reading.judged), FULL_OPEN_ANSWER_WORDS)
    if answers := reading.answers:
        return min([answer_length(text, reading) for text in answers])
    if reading.has_label or len(reading.texts) > 1:
        return max(50.0, rising(main.words, FULL_TEXT_WORDS))
    return rising(main.words, FULL_TEXT_WORDS) if main.words > 1 else ONE_WORD_SCORE


def answer_length(answer: Text, reading: Reading) -> float:
    text, words, question = answer.text, answer.words, reading.question
    if words >= FULL_OPEN_ANSWER_WORDS or answer.is_code:
        return BEST
    given = reading.given_words
    if given and words * 2 >= given:
        # A text that was rewritten or translated is about as long as it was.
        return BEST
    if OPEN_QUESTION.search(question):
        return max(ONE_WORD_SCORE, rising(words, FULL_OPEN_ANSWER_WORDS))
    if is_short_by_nature(text, question):
        return BEST
    if FILLER.match(text):
        return ONE_WORD_SCORE
    if words <= FEW_WORDS and FACT_QUESTION.search(question):
        return NAMED_THING_SCORE
    return max(ONE_WORD_SCORE, rising(words - 1, FULL_ANSWER_WORDS - 1))


def is_short_by_nature(text: str, question: str) -> bool:
    """Numbers, formulas, an option's letter, a list of names, and yes or no when asked for."""
    if any(map(str.isdigit, text)) or is_choice(text) or ITEMS.search(text):
        return True
    return bool(YES_NO.match(text) and YES_NO_QUESTION.search(question))


def is_choice(text: str) -> bool:
    bare = text.strip(" ().。）（")
    return len(bare) == 1 and bare.isascii() and bare.isalpha() and bare.isupper()


def repetition(reading: Reading, _context: Context) -> float:
    """Nothing is said twice: no loops, no runs of one letter, no copy of the question."""
    scores = [distinctness(text) for text in reading.judged]
    return min(*scores, copying(reading), BEST)


def distinctness(text: Text) -> float:
    found = text.measures
    if found.letter_runs and RUN.search(text.longest_word):
        return 0.0
    if found.tokens < LEAST_TOKENS:
        return few_distinct(found)
    if found.grams - found.distinct >= LEAST_GRAMS and RUN.search(text.text):
        return 0.0
    repeated = 1 - found.distinct / found.grams
    if text.is_code:
        return falling(repeated, HARMLESS_CODE_REPEATS, ALL_CODE_REPEATS)
    return falling(repeated, HARMLESS_REPEATS, ALL_REPEATS)


def few_distinct(found: Measures) -> float:
    if found.tokens < 5:
        return BEST
    return BEST - falling(found.distinct / found.tokens, LEAST_DISTINCT, FULL_DISTINCT)


def copying(reading: Reading) -> float:
    """Fields that should differ must not hold the same text."""
    long = [text for text in reading.texts if text.length >= COPIED_CHARACTERS]
    # Copies have as many tokens as what they are copied from.
    if len({text.measures.tokens for text in long}) == len(long):
        return BEST
    distinct = {" ".join(text.text.lower().split()) for text in long}
    copies = len(long) - len(distinct)
    if not copies:
        return BEST
    is_pair = any(text.name in EXEMPT for text in long)
    return 0.0 if len(long) == 2 or is_pair else falling(copies / len(long), 0.05, 0.5)


def diversity(reading: Reading, context: Context) -> float:
    """Few of the dataset's records begin alike."""
    if context.openings is None:
        return BEST
    fallen = falling(context.openings.share(reading), COMMON_SHARE, MOST_COMMON_SHARE)
    return COMMON_OPENING_SCORE + (BEST - COMMON_OPENING_SCORE) * fallen / BEST


def readability(reading: Reading, _context: Context) -> float:
    """Texts are letters that people read: rightly decoded, in words and sentences."""
    return min([legibility(text) for text in reading.judged], default=BEST)


def legibility(text: Text) -> float:
    bad = defects.unreadable_share(text)
    if bad:
        return falling(bad, 0.0, 0.1)
    score = BEST
    if text.length >= 10 and not text.is_code:
        score = falling(text.measures.symbols / len(text.text), MOST_SYMBOLS, ALL_SYMBOLS)
        if not LETTER.search(text.text) and not any(map(str.isdigit, text.text)):
            score = 0.0
        if text.measures.long_words and LONG_WORD.search(text.longest_word):
            score = min(score, 40.0)
    if text.words > SENTENCE_WORDS and not text.is_code:
        stops = text.measures.stops or 1
        score = min(score, max(30.0, falling(text.words / stops, SENTENCE_WORDS, ENDLESS_WORDS)))
    return score


def form(reading: Reading, _context: Context) -> float:
    """Nothing of the prompt or of a wrapping is left: no gaps to fill in, no JSON inside a text."""
    score = BEST
    for text in reading.judged:
        if text.is_code:
            continue
        if defects.is_unfilled(text):
            return 20.0
        if text.name not in QUESTIONS and defects.WRAPPING.match(text.text):
            score = min(score, 50.0)
        if defects.is_escaped(text):
            score = min(score, 60.0)
    return score


def falling(value: float, best: float, worst: float) -> float:
    """Return 100 up to best, 0 from worst on, and a straight line between them."""
    if value <= best:
        return BEST
    return 0.0 if value >= worst else BEST * (worst - value) / (worst - best)


def rising(value: float, full: float) -> float:
    return BEST if value >= full else BEST * max(0.0, value) / full


Part = Callable[[Reading, "Context"], float]
PARTS: dict[str, Part] = {
    "completeness": completeness,
    "length": length,
    "repetition": repetition,
    "diversity": diversity,
    "readability": readability,
    "format": form,
}
