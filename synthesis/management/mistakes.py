"""Mistakes in what a command was given, in words."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import Model


def named(error: ValidationError, model: type[Model]) -> str:
    """Say of each field what is wrong with it."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(
        " ".join(sentences)
        if name == "__all__"
        else f"{model._meta.get_field(name).verbose_name}: {' '.join(sentences)}"
        for name, sentences in error.message_dict.items()
    )
