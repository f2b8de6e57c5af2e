"""Words that stand in each other's place: a rewording, or another record's payload?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rapidfuzz.distance import OSA

from quality import vocabulary
from quality.blocks import Block, Difference, shown
from quality.readings import Token

LARGEST_EXCHANGE = 2.5  # words that a rewording may exchange in one place
SUSPICIOUS_SHARE = 0.03  # of the words of a text: so many may be exchanged for unlike ones
AROUND = ((0, 0), (1, 0), (0, 1), (1, 1), (2, 0), (0, 2))
WORDS_A_CHARACTER = 0.5  # a Chinese word has two characters
SLIP = 0.01  # a character for one or two that no list has: mistyped, unless nothing else differs


def difference(blocks: Sequence[Block], sizes: tuple[int, int]) -> Difference | None:
    """Return the exchange that makes another record, or None."""
    suspicious = 0.0
    seen: Counter[tuple[str, str]] = Counter()
    for block in blocks:
        if not (block.ours and block.theirs):
            continue
        found = chinese_opposites(block) or chinese_names(block)
        if found is not None:
            return found
        weight, is_foreign = unlikeness(block)
        if weight:
            pair = (shown(block.ours), shown(block.theirs))
            seen[pair] += 1
            suspicious += weight
            if is_foreign or weight > LARGEST_EXCHANGE or (seen[pair] > 1 and weight > SLIP):
                return Difference("payload", *pair)
    is_everywhere = len(seen) == 1 and 1 < seen.total() == len(blocks)
    if is_everywhere or (suspicious and suspicious > SUSPICIOUS_SHARE * words(blocks, sizes)):
        return Difference("payload", *max(seen, key=lambda pair: len(pair[0])))
    return None


def words(blocks: Sequence[Block], sizes: tuple[int, int]) -> float:
    tokens = blocks[0].all_ours
    share = sum(token.kind == "cjk" for token in tokens) / max(1, len(tokens))
    return max(sizes) * (1 - share * (1 - WORDS_A_CHARACTER))


def unlikeness(block: Block) -> tuple[float, bool]:
    """Weigh the exchange in words, and say whether a word stands in no list: a name, a drug."""
    if any(token.kind == "cjk" for token in [*block.ours, *block.theirs]):
        return chinese_unlikeness(block)
    ours, theirs = ([t.text for t in side if is_content(t)] for side in (block.ours, block.theirs))
    for word in list(ours):
        match = next((other for other in theirs if are_alike(word, other)), None)
        if match is not None:
            ours.remove(word)
            theirs.remove(match)
    if not (ours and theirs):
        return 0.0, False
    strange = [[w for w in side if not vocabulary.is_known(w)] for side in (ours, theirs)]
    return float(min(len(ours), len(theirs))), all(strange)


def is_content(token: Token) -> bool:
    return token.text not in vocabulary.listed("function_words_en")


def are_alike(one: str, other: str) -> bool:
    return one == other or is_typo(one, other) or vocabulary.are_synonyms(one, other)


def is_typo(one: str, other: str) -> bool:
    """Say whether one is the other mistyped; two real words are not."""
    most = 1 if max(len(one), len(other)) < 8 else 2
    if min(len(one), len(other)) < 3 or OSA.distance(one, other, score_cutoff=most) > most:
        return False
    return not (vocabulary.is_known(one) and vocabulary.is_known(other))


def chinese_unlikeness(block: Block) -> tuple[float, bool]:
    ours, theirs = text(block.ours), text(block.theirs)
    known = False
    for one, other in covering_words(block):
        if vocabulary.are_synonyms(one, other):
            return 0.0, False
        known = known or (vocabulary.is_known(one) and vocabulary.is_known(other))
    if min(len(ours), len(theirs)) == 1 and max(len(ours), len(theirs)) <= 2:
        return (WORDS_A_CHARACTER if known else SLIP), False
    return min(len(ours), len(theirs)) * WORDS_A_CHARACTER, False


def covering_words(block: Block) -> Iterator[tuple[str, str]]:
    """Yield what may be the words in which the exchange stands, with what is around it."""
    for before, after in AROUND:
        if block.our_start < before or block.their_start < before:
            continue
        ours = block.all_ours[block.our_start - before : block.our_end + after]
        theirs = block.all_theirs[block.their_start - before : block.their_end + after]
        yield text(ours), text(theirs)


def text(tokens: Sequence[Token]) -> str:
    return "".join(token.text for token in tokens)


def chinese_opposites(block: Block) -> Difference | None:
    ours, theirs = text(block.ours), text(block.theirs)
    pairs = [(ours, theirs), *covering_words(block)]
    if len(ours) == len(theirs):
        pairs.extend(zip(ours, theirs, strict=True))
    known = vocabulary.antonyms()
    if any(pair in known and not pair[0].isascii() for pair in pairs):
        return Difference("opposite", ours, theirs)
    return None


def chinese_names(block: Block) -> Difference | None:
    names = vocabulary.listed("names_zh")
    for one, other in covering_words(block):
        if one != other and {one, other} <= names:
            return Difference("name", one, other)
    ours, theirs = text(block.ours), text(block.theirs)
    if max(len(ours), len(theirs)) > 3:
        return None
    family = vocabulary.listed("surnames_zh")
    if ours[0] in family and theirs[0] in family:
        return Difference("name", ours, theirs)
    before = block.all_ours[block.our_start - 1].text if block.our_start else ""
    if before not in family or before in vocabulary.listed("surnames_also_words_zh"):
        return None
    if any(vocabulary.is_known(before + word[:1]) for word in (ours, theirs)):
        return None
    return Difference("name", before + ours, before + theirs)
