"""What an uploaded file must be before anything reads it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from synthesis import tables

TOO_LARGE = _("The file is larger than %(limit)s MB. Split it, or ask the administrator.")


def check(upload: Any) -> None:
    """Refuse a file that is too large or of no known format.

    Errors: ValidationError.
    """
    limit = settings.DATAMATE_UPLOAD_MEGABYTES
    if upload.size > limit * 1024**2:
        raise ValidationError(TOO_LARGE, params={"limit": limit})
    try:
        tables.format_of(upload.name)
    except tables.UnreadableFileError as error:
        raise ValidationError(str(error)) from error
