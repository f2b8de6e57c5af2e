from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from quality import dimensions
from synthesis.models import TemplateType
from synthesis.models.fields import OrderedJSONField
from synthesis.models.versions import Content, LibraryItem, Version


class RubricContent(Content):
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


class Rubric(LibraryItem, RubricContent):
    """What makes a record good, for a judge; every saved change of its content is a version."""

    COPIED_FIELDS = ("template_type",)

    name = models.CharField(_("rubric name"), max_length=200, unique=True)
    template_type = models.CharField(
        _("template type"),
        max_length=20,
        choices=TemplateType,
        blank=True,
        help_text=_("What kind of records it is for; empty: any kind."),
    )

    class Meta(LibraryItem.Meta):
        verbose_name = _("rubric")
        verbose_name_plural = _("rubrics")

    def clean(self) -> None:
        super().clean()
        self.dimensions = dimensions.tidy(self.dimensions)
        problems = dimensions.problems(self.dimensions)
        if problems:
            raise ValidationError({"dimensions": problems})


class RubricVersion(Version, RubricContent):
    """What a rubric said at one time; never changed, so that scores can be explained."""

    rubric = models.ForeignKey(
        Rubric, models.CASCADE, verbose_name=_("rubric"), related_name="versions"
    )

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
