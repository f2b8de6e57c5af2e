"""Rows whose content is kept as a version with every change of it."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from synthesis.models.authorship import Revised
from synthesis.models.names import unused_name


class Content(models.Model):
    """Columns that stand both in the row and in each of its versions."""

    CONTENT_FIELDS: ClassVar[tuple[str, ...]]

    class Meta:
        abstract = True

    def content(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.CONTENT_FIELDS}


class Version(models.Model):
    """What a row's content was at one time; never changed, so that the past can be explained."""

    number = models.PositiveIntegerField(_("version"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        abstract = True


class VersionedQuerySet(models.QuerySet[Any]):
    def with_latest_number(self) -> Self:
        """Annotate latest_number, of the newest version."""
        versions = self.model._meta.get_field("versions")
        own = {versions.field.name: OuterRef("pk")}
        latest = versions.related_model.objects.filter(**own).order_by("-number")
        return self.annotate(latest_number=Subquery(latest.values("number")[:1]))


class Versioned(models.Model):
    """A row of Content, with its versions under the related name versions."""

    objects = VersionedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
            latest = self.latest_version
            if latest is None or latest.content() != self.content():
                number = latest.number + 1 if latest else 1
                self.versions.create(number=number, **self.content())

    @property
    def latest_version(self) -> Any:
        return self.versions.order_by("-number").first()


class LibraryItem(Versioned, Revised):
    """What comes with starters, is written by people and copied, and can be switched off."""

    COPIED_FIELDS: ClassVar[tuple[str, ...]]

    description = models.TextField(_("description"), blank=True)
    is_starter = models.BooleanField(_("starter"), default=False, editable=False)
    is_enabled = models.BooleanField(_("enabled"), default=True)

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def duplicate(self, user: Any = None) -> Self:
        """Copy the latest content into a row of its own, called name (2), (3) …"""
        kept = {name: getattr(self, name) for name in ("description", *self.COPIED_FIELDS)}
        name = unused_name(type(self), self.name)
        return type(self).objects.create(name=name, created_by=user, **kept, **self.content())
