from __future__ import annotations

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Shipped(models.Model):
    """A row that may come with the product: its texts are then shown in the reader's language.

    They are stored in English; one that a user has changed is in no catalogue, and stays.
    """

    code = models.SlugField(
        _("code"), max_length=40, null=True, blank=True, unique=True, editable=False
    )
    """What ships has one; null for rows of users."""
    description = models.TextField(_("description"), blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.shown(self.name)

    @property
    def shown_description(self) -> str:
        return self.shown(self.description)

    @property
    def is_starter(self) -> bool:
        return self.code is not None

    def shown(self, text: str) -> str:
        return gettext(text) if self.is_starter and text else text
