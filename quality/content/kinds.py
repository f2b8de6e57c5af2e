"""What a content rule looks for, and what is done with what it finds."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    WORDS = "words", _("Word list")
    PERSONAL = "personal", _("Personal data")
    REFUSAL = "refusal", _("Refusals")
    AI_SPEAK = "ai_speak", _("Talk about being a model")
    PLACEHOLDER = "placeholder", _("Placeholders and boilerplate")
    LEAKAGE = "leakage", _("Prompt leakage")
    URL = "url", _("Web addresses")
    LANGUAGE = "language", _("Other languages")
    REPETITION = "repetition", _("Repetition")
    EXPRESSION = "expression", _("Regular expression")


class Action(TextChoices):
    REJECT = "reject", _("Reject the record")
    FLAG = "flag", _("Flag the record")
    MASK = "mask", _("Mask the place")


class DataType(TextChoices):
    PHONE = "phone", _("Phone numbers")
    ID_CARD = "id_card", _("Chinese ID cards")
    BANK_CARD = "bank_card", _("Bank cards")
    EMAIL = "email", _("E-mail addresses")
    ADDRESS = "address", _("Postal addresses")
    IP_ADDRESS = "ip_address", _("IP addresses")
    API_KEY = "api_key", _("API keys")


# A whole text is its language, and a leak or a loop has no mark that would read well in its place.
MASKABLE = {Kind.WORDS, Kind.PERSONAL, Kind.URL, Kind.EXPRESSION}
