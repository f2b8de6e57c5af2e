from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from quality import dimensions
from synthesis.models import TemplateType
from synthesis.models.fields import OrderedJSONField


class RubricContent(models.Model):
    """What a judge is told; the same columns in the draft and in each version."""

    CONTENT_FIELDS = ("instructions", "dimensions")

    instructions = models.TextField(
        _("instructions"),
        blank=True,
        max_length=8000,
        help_text=_("What the judge should know and how it should go about it; may be empty."),
    )
    dimensions = OrderedJSONField(
        _("dimensions"),
        default=list,
        blank=True,
        help_text=_(
            "A JSON list of objects with name, weight (0 to 100), description, levels (an object"
            ' with a text for each of "1" to "5", at least two) and needs_source (true: asked only'
            " where a record has a source text)."
        ),
    )

    class Meta:
        abstract = True

    def content(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.CONTENT_FIELDS}


class Rubric(RubricContent):
    """What makes a record good, for a judge; every saved change of its content is a version."""

    name = models.CharField(_("rubric name"), max_length=200, unique=True)
    description = models.TextField(_("description"), blank=True)
    template_type = models.CharField(
        _("template type"),
        max_length=20,
        choices=TemplateType,
        blank=True,
        help_text=_("What kind of records it is for; empty: any kind."),
    )
    is_starter = models.BooleanField(_("starter"), default=False, editable=False)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("created by"),
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("rubric")
        verbose_name_plural = _("rubrics")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
            latest = self.latest_version
            if latest is None or latest.content() != self.content():
                number = latest.number + 1 if latest else 1
                self.versions.create(number=number, **self.content())

    def clean(self) -> None:
        super().clean()
        self.dimensions = dimensions.tidy(self.dimensions)
        problems = dimensions.problems(self.dimensions)
        if problems:
            raise ValidationError({"dimensions": problems})

    def duplicate(self, user: Any = None) -> Rubric:
        """Copy the latest content into a rubric of its own, called name (2), (3) …"""
        taken = set(
            Rubric.objects.filter(name__startswith=self.name[:190]).values_list("name", flat=True)
        )
        names = (f"{self.name[:190]} ({number})" for number in range(2, len(taken) + 3))
        return Rubric.objects.create(
            name=next(name for name in names if name not in taken),
            description=self.description,
            template_type=self.template_type,
            created_by=user,
            **self.content(),
        )

    @property
    def latest_version(self) -> RubricVersion | None:
        return self.versions.order_by("-number").first()


class RubricVersion(RubricContent):
    """What a rubric said at one time; never changed, so that scores can be explained."""

    rubric = models.ForeignKey(
        Rubric, models.CASCADE, verbose_name=_("rubric"), related_name="versions"
    )
    number = models.PositiveIntegerField(_("version"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("rubric version")
        verbose_name_plural = _("rubric versions")
        ordering = ["rubric", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["rubric", "number"], name="one_rubric_version_per_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rubric.name} v{self.number}"
