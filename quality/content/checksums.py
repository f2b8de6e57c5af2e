"""Numbers that prove themselves."""

from __future__ import annotations

from datetime import date

# Source: GB 11643-1999, ISO 7064 MOD 11-2.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SHORTEST_CARD, _LONGEST_CARD = 13, 19


def is_id_card(number: str) -> bool:
    """Tell whether 18 characters are a Chinese ID card: a real birthday, a fitting check digit."""
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return number[17].upper() == _CHECKS[total % 11]


def is_bank_card(text: str) -> bool:
    """Tell whether a number, spaces and hyphens aside, has a card's length and Luhn digit."""
    digits = [int(letter) for letter in text if letter.isdigit()]
    if not _SHORTEST_CARD <= len(digits) <= _LONGEST_CARD or len(set(digits)) < 2:
        return False
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
