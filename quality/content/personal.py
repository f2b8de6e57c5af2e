"""Find personal data: numbers by their form and checksum, addresses by their parts.

What is shown of a find, in a finding or in place of it, never tells the data itself.
"""

from __future__ import annotations

import ipaddress
import re
from bisect import bisect
from collections.abc import Callable, Collection, Iterator

from quality.content import checksums
from quality.content.clues import awaited
from quality.content.kinds import DataType
from quality.content.subject import Hit, Subject

# Everything with MANY digits, whatever stands between them; most texts have none.
_MANY_DIGITS = re.compile(r"\d(?:[-. ()]{0,2}\d){6}", re.ASCII)
_BEFORE, _AFTER = r"(?<![\w.+-])", r"(?![\w-]|\.\d)"
_PHONES = re.compile(
    rf"{_BEFORE}(?:"
    # Chinese mobile and landline numbers.
    r"(?:(?:\+|00)86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}"
    r"|(?:(?:\+|00)86[- ]?)?\(?0[1-9]\d{1,2}[)-] ?[2-9]\d{6,7}(?:-\d{1,4})?"
    # International ones, and North American ones that are no hotline.
    r"|\+[1-9]\d{0,2}(?:[-. ]?\(?\d{1,4}\)?){2,5}"
    r"|(?!400|8(?:00|88))[2-9]\d\d[-. ][2-9]\d\d[-.]\d{4}"
    rf"){_AFTER}|(?<![\w.])\([2-9]\d\d\) ?[2-9]\d\d[-. ]\d{{4}}{_AFTER}",
    re.ASCII,
)
_ID_CARDS = re.compile(
    rf"{_BEFORE}[1-9]\d{{5}}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{{3}}[\dxX]"
    rf"{_AFTER}",
    re.ASCII,
)
_BANK_CARDS = re.compile(
    rf"{_BEFORE}(?:(?:[3-6]\d\d|2[2-7]\d)\d([ -]?)\d{{4}}\1\d{{4}}\1\d{{1,7}}"
    rf"|3[47]\d\d[ -]\d{{6}}[ -]\d{{5}}){_AFTER}",
    re.ASCII,
)
_DOTTED = re.compile(r"\d\.\d{1,3}\.\d{1,3}\.\d", re.ASCII)
_IP_ADDRESSES = re.compile(rf"{_BEFORE}\d{{1,3}}(?:\.\d{{1,3}}){{3}}{_AFTER}", re.ASCII)
_AT = awaited("@")
_EMAILS = re.compile(
    r"(?<![\w.%+-])[\w.%+-]{1,64}@((?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24})(?![\w-])",
    re.ASCII | re.IGNORECASE,
)
# Kept for examples: nobody's mailbox is there. RFC 2606.
_EXAMPLE_DOMAIN = re.compile(r"(?:^|\.)(?:example(?:\.(?:com|org|net))?|test|invalid)$")
_HOUSES = re.compile(r" ?\d{1,5}(?:-\d{1,4})? ?(?:号|弄|栋|幢|號)", re.ASCII)
_HOUSE_WORDS = awaited(*"号弄栋幢號")
_BEFORE_HOUSE = 40
_STREET = re.compile(r"(?:路|街|道|巷|胡同|村|里)[\u4e00-\u9fffA-Za-z\d]{0,8}$")
_REGION = re.compile(r"[\u4e00-\u9fff]{2,14}[省市州盟县区旗镇]")
# Whoever lives or sends something there is no part of the address.
_LEAD = re.compile(r"[^省市州盟县区旗镇]{0,8}[在到于至址是]")
_STREET_WORDS = awaited(
    *("street", "avenue", "road", "boulevard", "lane", " st.", " ave", " rd", " blvd")
)
_ADDRESSES = re.compile(
    r"(?<![\w.,-])\d{1,5}[a-z]?(?: [NSEW]\.?)?"
    r"(?: (?:\d{1,3}(?:st|nd|rd|th)|[A-Z][a-z]{1,20})\.?){1,4}"
    r" (?:Street|St\b\.?|Avenue|Ave\b\.?|Road|Rd\b\.?|Boulevard|Blvd\b\.?|Lane)\b",
    re.ASCII,
)
_KEY_WORDS = awaited(
    *("sk-", "akia", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xox", "aiza", "ltai"),
    *("hf_", "akid", "eyj", "private key"),
)
_KEYS = re.compile(
    r"(?<![\w-])(?:sk-[\w-]{20,200}|AKIA[0-9A-Z]{16}|gh[pos]_\w{36}|github_pat_\w{22,100}"
    r"|glpat-[\w-]{20}|xox[abprs]-[\w-]{10,200}|AIza[\w-]{35}|LTAI\w{12,24}|AKID\w{13,40}"
    r"|hf_[A-Za-z0-9]{30,40}|eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10,1000})(?![\w-])"
    r"|-----BEGIN (?:[A-Z]+ ){0,2}PRIVATE KEY-----",
    re.ASCII,
)
MANY = 7  # digits
MIN_PHONE_DIGITS, MAX_PHONE_DIGITS = 8, 15


def finder(types: Collection[str]) -> Callable[[Subject], list[Hit]]:
    """Return a function that finds data of these types."""
    chosen = [(_DIGITS.get(name, 0), SEARCHES[name]) for name in SEARCHES if name in types]

    def find(subject: Subject) -> list[Hit]:
        text = subject.plain
        digits = digits_in(text)
        if digits >= MANY and not _MANY_DIGITS.search(text):
            digits = MANY - 1
        hits = [
            hit for fewest, search in chosen if fewest <= digits for hit in search(text, subject)
        ]
        return apart(hits) if len(hits) > 1 else hits

    return find


def digits_in(text: str) -> int:
    """Count the digits of a text as fast as bytes are searched through."""
    data = text.encode("utf-8", "replace")
    return len(data) - len(data.translate(None, b"0123456789"))


def apart(hits: list[Hit]) -> list[Hit]:
    """Keep the first of hits that overlap: an ID card is no bank card too."""
    kept: list[Hit] = []
    taken: list[tuple[int, int]] = []
    for hit in hits:
        at = bisect(taken, (hit.start, hit.end))
        is_free_before = at == 0 or taken[at - 1][1] <= hit.start
        is_free_after = at == len(taken) or hit.end <= taken[at][0]
        if is_free_before and is_free_after:
            taken.insert(at, (hit.start, hit.end))
            kept.append(hit)
    return kept


def phones(text: str, _subject: Subject) -> Iterator[Hit]:
    for match in _PHONES.finditer(text):
        digits = sum(letter.isdigit() for letter in match[0])
        if MIN_PHONE_DIGITS <= digits <= MAX_PHONE_DIGITS:
            yield _hit(DataType.PHONE, match, keep(match[0], 3, 4))


def id_cards(text: str, _subject: Subject) -> Iterator[Hit]:
    for match in _ID_CARDS.finditer(text):
        if checksums.is_id_card(match[0]):
            yield _hit(DataType.ID_CARD, match, keep(match[0], 3, 2))


def bank_cards(text: str, _subject: Subject) -> Iterator[Hit]:
    for match in _BANK_CARDS.finditer(text):
        if checksums.is_bank_card(match[0]):
            yield _hit(DataType.BANK_CARD, match, keep(match[0], 0, 4))


def ip_addresses(text: str, _subject: Subject) -> Iterator[Hit]:
    if not _DOTTED.search(text):
        return
    for match in _IP_ADDRESSES.finditer(text):
        try:
            is_public = ipaddress.ip_address(match[0]).is_global
        except ValueError:
            continue
        if is_public:
            yield _hit(DataType.IP_ADDRESS, match, "[ip]")


def emails(text: str, subject: Subject) -> Iterator[Hit]:
    if not subject.has_any(_AT):
        return
    for match in _EMAILS.finditer(text):
        if not _EXAMPLE_DOMAIN.search(match[1].lower()):
            yield _hit(DataType.EMAIL, match, "[email]")


def addresses(text: str, subject: Subject) -> Iterator[Hit]:
    if subject.has_any(_HOUSE_WORDS):
        for house in _HOUSES.finditer(text):
            start = _start_of_address(text, house.start())
            if start is not None:
                yield Hit(DataType.ADDRESS, start, house.end(), "[address]", "[address]")
    if subject.has_any(_STREET_WORDS):
        for match in _ADDRESSES.finditer(text):
            yield _hit(DataType.ADDRESS, match, "[address]")


def _start_of_address(text: str, house: int) -> int | None:
    """Return where the region begins whose street the number of a house ends."""
    first = max(0, house - _BEFORE_HOUSE)
    street = _STREET.search(text, first, house)
    region = _REGION.search(text, first, street.start()) if street else None
    if region is None:
        return None
    lead = _LEAD.match(region[0])
    return region.start() + (lead.end() if lead else 0)


def api_keys(text: str, subject: Subject) -> Iterator[Hit]:
    if subject.has_any(_KEY_WORDS):
        for match in _KEYS.finditer(text):
            yield _hit(DataType.API_KEY, match, "[key]")


def keep(text: str, head: int, tail: int) -> str:
    """Show the ends of a number and stars for what is between them."""
    return f"{text[:head]}{'*' * (len(text) - head - tail)}{text[-tail:]}"


def _hit(kind: DataType, match: re.Match[str], mark: str) -> Hit:
    return Hit(kind.value, match.start(), match.end(), mark, mark)


# In the order in which they may claim a number.
SEARCHES: dict[str, Callable[[str, Subject], Iterator[Hit]]] = {
    DataType.ID_CARD: id_cards,
    DataType.BANK_CARD: bank_cards,
    DataType.PHONE: phones,
    DataType.IP_ADDRESS: ip_addresses,
    DataType.EMAIL: emails,
    DataType.ADDRESS: addresses,
    DataType.API_KEY: api_keys,
}
# Without so many digits a text has none of these.
_DIGITS = {
    DataType.ID_CARD: MANY,
    DataType.BANK_CARD: MANY,
    DataType.PHONE: MANY,
    DataType.IP_ADDRESS: 4,
    DataType.ADDRESS: 1,
}
