"""What a template may expect of a record's texts beside its schema.

Languages, code and compared fields are only kept here; quality does the checking.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LANGUAGES = {
    "zh": gettext_lazy("Chinese"),
    "en": gettext_lazy("English"),
    "ja": gettext_lazy("Japanese"),
    "ko": gettext_lazy("Korean"),
    "fr": gettext_lazy("French"),
    "de": gettext_lazy("German"),
    "es": gettext_lazy("Spanish"),
    "pt": gettext_lazy("Portuguese"),
    "it": gettext_lazy("Italian"),
    "ru": gettext_lazy("Russian"),
    "ar": gettext_lazy("Arabic"),
    "hi": gettext_lazy("Hindi"),
    "th": gettext_lazy("Thai"),
    "vi": gettext_lazy("Vietnamese"),
    "id": gettext_lazy("Indonesian"),
}
CHOICES = list(LANGUAGES.items())
CODE_LANGUAGES = ("json", "python", "sql")


def check_code_fields(code_fields: Any, schema: Any) -> None:
    """Refuse what is no object of fields and the code in them.

    Errors: ValueError with a sentence for the user.
    """
    if not isinstance(code_fields, Mapping) or not set(map(str, code_fields.values())) <= set(
        CODE_LANGUAGES
    ):
        raise ValueError(
            _('Code fields are a JSON object such as {"query": "sql"}; known are %(known)s.')
            % {"known": ", ".join(CODE_LANGUAGES)}
        )
    _check_known(code_fields, schema)


def check_compared_fields(compared_fields: Any, schema: Any) -> None:
    """Refuse what is no list of fields.

    Errors: ValueError with a sentence for the user.
    """
    if not isinstance(compared_fields, list) or not all(
        isinstance(name, str) and name for name in compared_fields
    ):
        raise ValueError(_('Compared fields are a JSON list of names such as ["question"].'))
    _check_known(compared_fields, schema)


def _check_known(names: Any, schema: Any) -> None:
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    unknown = [name for name in names if name not in properties] if properties else []
    if unknown:
        raise ValueError(
            _("The output schema has no field called %(name)s.") % {"name": ", ".join(unknown)}
        )
