"""What makes two texts that share almost everything say different things."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from quality import exchanges, vocabulary
from quality.blocks import Block, Difference, shown
from quality.readings import Token

WHOLE_SENTENCE = 7  # tokens on one side only: something was added or left out, not exchanged
MOST_PAIRS = 400  # of words that are looked up as opposites
CHINESE_NEGATIONS = frozenset("不没未非无别勿莫否")
WEAK_NUMBERS = frozenset({"1", "o1", "1x", "1/2"})  # one more or less of them counts nothing


def difference(blocks: Sequence[Block], sizes: tuple[int, int]) -> Difference | None:
    """Return the first difference that makes a variant, or None."""
    left, right = exchanged_tokens(blocks)
    return (
        number_difference(blocks, left, right)
        or negation_difference(blocks)
        or option_difference(left, right)
        or unit_difference(blocks, left, right)
        or name_difference(left, right)
        or opposite_words(left, right)
        or exchanges.difference(blocks, sizes)
    )


def exchanged_tokens(blocks: Sequence[Block]) -> tuple[list[Token], list[Token]]:
    """Return the tokens that only one text has; those that merely moved are in both."""
    kept = [block for block in blocks if not is_addition(block)]
    ours = [token for block in kept for token in block.ours]
    theirs = [token for block in kept for token in block.theirs]
    return without(ours, theirs), without(theirs, ours)


def is_addition(block: Block) -> bool:
    return not (block.ours and block.theirs) and block.size >= WHOLE_SENTENCE


def without(tokens: Iterable[Token], others: Iterable[Token]) -> list[Token]:
    spare = Counter(token.text for token in others)
    left = []
    for token in tokens:
        if spare[token.text] > 0:
            spare[token.text] -= 1
        else:
            left.append(token)
    return left


def number_difference(
    blocks: Sequence[Block], left: list[Token], right: list[Token]
) -> Difference | None:
    ours = [token for token in left if token.kind in ("number", "sign")]
    theirs = [token for token in right if token.kind in ("number", "sign")]
    if (ours and theirs) or any(token.text not in WEAK_NUMBERS for token in [*ours, *theirs]):
        return Difference("number", shown(ours), shown(theirs))
    for block in blocks:
        for token in strangers(block):
            return Difference("number", token.shown, "")
    return None


def strangers(block: Block) -> Iterator[Token]:
    """Yield the numbers that both texts have, but beside other words: 5 minus 12."""
    neighbours = {
        pair
        for one, other in zip(block.all_theirs, block.all_theirs[1:], strict=False)
        for pair in ((one.text, other.text),)
    }
    tokens = block.all_ours
    for at in range(block.our_start, block.our_end):
        if tokens[at].kind != "number":
            continue
        around = [tokens[at - 1 : at + 1] if at else [], tokens[at : at + 2]]
        pairs = [(pair[0].text, pair[1].text) for pair in around if len(pair) == 2]
        stands_in_both = any(token.text == tokens[at].text for token in block.all_theirs)
        if stands_in_both and pairs and not any(pair in neighbours for pair in pairs):
            yield tokens[at]


def negation_difference(blocks: Sequence[Block]) -> Difference | None:
    kept = [block for block in blocks if not is_addition(block)]
    ours = [t for b in kept for t in negations(b.all_ours, b.our_start, b.our_end)]
    theirs = [t for b in kept for t in negations(b.all_theirs, b.their_start, b.their_end)]
    if len(ours) != len(theirs):
        return Difference("negation", shown(ours), shown(theirs))
    return None


def negations(tokens: Sequence[Token], start: int, end: int) -> Iterator[Token]:
    for at in range(start, end):
        token = tokens[at]
        if token.text in vocabulary.listed("negations_en") or (
            token.text in CHINESE_NEGATIONS and not is_harmless(tokens, at)
        ):
            yield token


def is_harmless(tokens: Sequence[Token], at: int) -> bool:
    """Say whether a negating character denies nothing: in 非常, or in 是不是, which asks."""
    around = [token.text for token in tokens[max(0, at - 2) : at + 3]]
    place = min(at, 2)
    if 0 < place < len(around) - 1 and around[place - 1] == around[place + 1]:
        return True
    text = "".join(sign[:1] for sign in around)
    for word in vocabulary.listed("no_negations_zh"):
        start = text.find(word)
        while start != -1:
            if start <= place < start + len(word):
                return True
            start = text.find(word, start + 1)
    return False


def unit_difference(
    blocks: Sequence[Block], left: list[Token], right: list[Token]
) -> Difference | None:
    measures, characters = vocabulary.listed("measures_en"), vocabulary.listed("units_zh")
    ours = [token for token in left if token.text in measures]
    theirs = [token for token in right if token.text in measures]
    if ours and theirs:
        return Difference("unit", shown(ours), shown(theirs))
    for block in blocks:
        if counts(block.all_ours, block.our_start, characters) and all(
            characters & {token.text for token in side} for side in (block.ours, block.theirs)
        ):
            return Difference("unit", shown(block.ours), shown(block.theirs))
    return None


def counts(tokens: Sequence[Token], at: int, characters: frozenset[str]) -> bool:
    """Say whether a number stands before a place, or before the unit that it is a part of."""
    while at and tokens[at - 1].text in characters:
        at -= 1
    return at > 0 and tokens[at - 1].kind == "number"


def option_difference(left: list[Token], right: list[Token]) -> Difference | None:
    ours, theirs = ([t for t in side if is_option(t)] for side in (left, right))
    return Difference("option", shown(ours), shown(theirs)) if ours and theirs else None


def is_option(token: Token) -> bool:
    """A letter that stands alone, and is neither an article nor what an apostrophe left."""
    return token.kind == "word" and len(token.text) == 1 and token.shown not in "ais"


def name_difference(left: list[Token], right: list[Token]) -> Difference | None:
    ours, theirs = ([t for t in side if is_name(t)] for side in (left, right))
    if ours and theirs and (has_stranger(ours, theirs) or has_stranger(theirs, ours)):
        return Difference("name", shown(ours), shown(theirs))
    return None


def has_stranger(names: Sequence[Token], others: Sequence[Token]) -> bool:
    """Say whether one of the names is none of the others mistyped."""
    return not all(any(exchanges.is_typo(a.text, b.text) for b in others) for a in names)


def is_name(token: Token) -> bool:
    """Written like a name; or the first word of a sentence, and in no list of words."""
    return token.is_name or (
        token.starts and token.shown[:1].isupper() and not vocabulary.is_known(token.text)
    )


def opposite_words(left: list[Token], right: list[Token]) -> Difference | None:
    ours, theirs = ([t for t in side if t.kind == "word"] for side in (left, right))
    if len(ours) * len(theirs) > MOST_PAIRS:
        return None
    for one, other in product(ours, theirs):
        if vocabulary.are_opposites(one.text, other.text):
            return Difference("opposite", one.shown, other.shown)
    return None
