"""Marks of broken texts: cut off, wrongly decoded, left to be filled in."""

from __future__ import annotations

import re

from quality.scoring.measures import GBK_SIGNS
from quality.scoring.texts import Text, named

PLACEHOLDER = re.compile(
    r"^\W*(?:todo|tbd|n/a|null|none|nil|undefined|xxx+|lorem ipsum.*|placeholder|待补充|待填写|待定"
    r"|占位符?|此处省略|略|同上|无内容)\W*$|^[\s.。…?？_*-]+$",
    re.IGNORECASE,
)
_UNFILLED = re.compile(
    r"\[(?:insert|your|add|fill in|placeholder|enter)\b[^\]]{0,60}\]|<(?:insert|your)\b[^>]{0,60}>"
    r"|\{\{?\s*\w{1,40}\s*\}?\}|lorem ipsum|【(?:此处|请填写|待填)[^】]{0,40}】|\bX{3,}\b",
    re.IGNORECASE,
)
_GAP_MARKS = ("[", "{", "<", "【")
WRAPPING = re.compile(
    r"^\s*(?:```json|\{\s*\"\w+\"\s*:|(?:answer|output|response|assistant|回答|答案|输出)\s*[:：])",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"\\n|\\u[0-9a-f]{4}|&(?:nbsp|amp|lt|gt|quot|#\d+);", re.IGNORECASE)

_LATIN_1 = re.compile("[\x80-\xff]")
# UTF-8 read as Latin-1 or Windows-1252: a lead byte before a byte that can only continue it.
_AS_LATIN = re.compile("[Â-ô][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
_SURE_LATIN = re.compile("Ã[\x80-\xbfƒ‚©¨¢£]|â€|ï»¿|ï¿½|Â[\xa0-\xbf]")
# GBK read as Latin-1.
_GBK_AS_LATIN = re.compile("[°-÷][\xa1-\xfe][°-÷][\xa1-\xfe]")
# UTF-8 read as GBK: characters that only this mistake makes common.
_AS_GBK = re.compile(f"锟斤拷|烫烫|屯屯|[{GBK_SIGNS}]")
_SURE_GBK = re.compile("锟斤拷|烫烫|屯屯")
GBK_SHARE = 0.2

# What no text ends with, unless it goes on.
_OPEN_MARKS = frozenset(",([{<&+=/，、；（《【“‘「-–—:：")
_OPEN_WORDS = named(
    "and or the a an of that which because its their than such is are was were into from as with"
    " including but"
)
_OPEN_IDEOGRAPHS = frozenset("和与或及把被将并而但")
_OPEN_PHRASES = tuple(named("因为 如果 以及 例如 比如 包括 通过 由于 对于 关于 所以 但是"))
_SENTENCE_END = re.compile(r"[.!?。！？…][\s\"'”’)）]|[。！？]")
_LIST_ITEM = re.compile(r"\s*(?:[-*•·#|]|\d+[.)、])")
_PAIRS = tuple(map(tuple, ("()", "[]", "{}", "（）", "“”", "《》", "「」", "【】")))
TAIL_CHARACTERS = 300


def unreadable_share(text: Text) -> float:
    """Return how much of the text was decoded wrongly or cannot be shown, 0 to 1."""
    bad = text.measures.unreadable * 3
    if text.measures.suspects:
        bad += _wrongly_decoded(text.text)
    return min(1.0, bad / len(text.text)) if bad else 0.0


def _wrongly_decoded(text: str) -> int:
    """Count the characters that a wrong encoding has made, in characters."""
    bad = 0
    if _LATIN_1.search(text):
        latin = len(_AS_LATIN.findall(text)) * 2
        sure = len(_SURE_LATIN.findall(text))
        gbk_latin = len(_GBK_AS_LATIN.findall(text)) * 4
        bad += max(latin, 5 * sure) if sure or latin >= 6 else 0
        bad += gbk_latin if gbk_latin >= 8 else 0
    gbk = len(_AS_GBK.findall(text))
    if gbk > GBK_SHARE * len(text) or _SURE_GBK.search(text):
        bad += gbk * 4
    return bad


def is_open(text: Text) -> bool:
    """Tell whether a text surely stops in the middle: an open bracket, a comma, an "and"."""
    tail = text.text[-TAIL_CHARACTERS:].rstrip()
    if not tail:
        return False
    if tail[-1].isalnum():
        if ends_in_open_word(tail):
            return True
    elif tail[-1] in _OPEN_MARKS and not _is_face(tail, len(tail) - 1):
        return True
    if "```" in text.text and text.text.count("```") % 2:
        return True
    return text.measures.brackets > 0 and leaves_pair_open(tail)


def leaves_pair_open(tail: str) -> bool:
    places = [(tail.rfind(opening), tail.rfind(closing)) for opening, closing in _PAIRS]
    return any(place > closed and not _is_face(tail, place) for place, closed in places)


def ends_in_open_word(tail: str) -> bool:
    if tail[-1] in _OPEN_IDEOGRAPHS or tail.endswith(_OPEN_PHRASES):
        return True
    return tail[-20:].rpartition(" ")[2].lower() in _OPEN_WORDS


def _is_face(tail: str, place: int) -> bool:
    """Tell whether a bracket is the mouth of a sad face."""
    return tail[place] in "([{<" and tail[place - 1 : place] in tuple(":;=-'")


def is_unended(text: str) -> bool:
    """Tell whether a prose text lacks the end of its last sentence; good ones may, too."""
    tail = text[-TAIL_CHARACTERS:].rstrip()
    if not tail[-1:].isalnum() or "://" in tail.rpartition(" ")[2]:
        return False
    before, _break, line = tail.rpartition("\n")
    # The lines of a poem end as they like.
    is_verse = before.rstrip()[-1:].isalnum()
    return not is_verse and _LIST_ITEM.match(line) is None


def is_unfilled(text: Text) -> bool:
    """Tell whether gaps of a prompt or a form are left in the text."""
    whole = text.text
    has_mark = text.measures.brackets and any(mark in whole for mark in _GAP_MARKS)
    if not (has_mark or "XXX" in whole or "orem ipsum" in whole):
        return False
    return _UNFILLED.search(whole) is not None


def is_escaped(text: Text) -> bool:
    """Tell whether line ends or signs are written as codes for them."""
    whole = text.text
    return ("\\" in whole or "&" in whole) and _ESCAPED.search(whole) is not None


def has_sentences(text: str) -> bool:
    return _SENTENCE_END.search(text) is not None
