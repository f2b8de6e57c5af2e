from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from providers.validation import TOO_DEEP, check_storable


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
            check_storable(value)
        except RecursionError as error:
            raise ParseError(TOO_DEEP) from error
        except ValidationError as error:
            raise ParseError(error.message) from error
        return value
