"""Sources as users order them, loaded in this process."""

from __future__ import annotations

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from synthesis.engine import background
from synthesis.models import Source


def upload(name: str, data: bytes | str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data)


def source(*named: tuple[str, bytes | str], **fields: Any) -> Source:
    """Order the loading of files, given as pairs of name and content."""
    row = Source.objects.create(name=fields.pop("name", "Material"), **fields)
    row.load(uploads=[upload(*pair) for pair in named])
    return row


def loaded(*named: tuple[str, bytes | str], **fields: Any) -> Source:
    return done(source(*named, **fields))


def done(row: Source) -> Source:
    background.perform_here(row.job)
    return Source.objects.select_related("job").get(pk=row.pk)


def rows(*named: tuple[str, bytes | str], **fields: Any) -> Source:
    return loaded(*named, kind="rows", **fields)


def table(*contents: Any) -> str:
    return "\n".join(json.dumps(content) for content in contents)
