from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from providers import sanitising

TOO_DEEP = format_lazy(
    _("The JSON is nested deeper than {depth} levels."), depth=sanitising.MAX_DEPTH
)
NOT_STORABLE = _(
    "The JSON holds what no database stores: a NUL character, half a surrogate pair, or a"
    " number that is not finite or too large."
)


class StrictJSONParser(JSONParser):
    """Refuse at the door what PostgreSQL would refuse with a server error."""

    def parse(
        self,
        stream: BinaryIO,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            value = super().parse(stream, media_type, parser_context)
            is_storable = sanitising.clean(value) == value
        except (RecursionError, sanitising.TooDeepError) as error:
            raise ParseError(TOO_DEEP) from error
        if not is_storable:
            raise ParseError(NOT_STORABLE)
        return value
