"""What an uploaded file must be before anything reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from synthesis import tables

TOO_LARGE = _("The file is larger than %(limit)s MB. Split it, or ask the administrator.")


def check(upload: Any, format_of: Callable[[str], str] = tables.format_of) -> None:
    """Refuse a file that is too large, or of no format that is known for its purpose.

    Errors: ValidationError.
    """
    limit = settings.DATAMATE_UPLOAD_MEGABYTES
    if upload.size > limit * 1024**2:
        raise ValidationError(TOO_LARGE, params={"limit": limit})
    try:
        format_of(upload.name)
    except tables.UnreadableFileError as error:
        raise ValidationError(str(error)) from error
