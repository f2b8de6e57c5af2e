from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from providers.models import LanguageModel
from quality.models.rubric import RubricVersion
from synthesis.models import Batch, Record
from synthesis.models.fields import OrderedJSONField

OUTCOMES = {
    "passed": _("passed"),
    "below": _("below the threshold"),
    "failed": _("no readable answer"),
}


class Judgement(models.Model):
    """What one judge said about one record, or that it gave no answer that can be read."""

    class State(models.TextChoices):
        SCORED = "scored", _("scored")
        FAILED = "failed", _("failed")

    class Position(models.TextChoices):
        FIRST = "first", _("first judge")
        SECOND = "second", _("second judge")

    record = models.ForeignKey(
        Record, models.CASCADE, verbose_name=_("record"), related_name="judgements"
    )
    rubric_version = models.ForeignKey(
        RubricVersion, models.PROTECT, verbose_name=_("rubric"), related_name="judgements"
    )
    language_model = models.ForeignKey(
        LanguageModel, models.PROTECT, verbose_name=_("model"), related_name="judgements"
    )
    batch = models.ForeignKey(
        Batch,
        models.SET_NULL,
        verbose_name=_("batch"),
        null=True,
        blank=True,
        related_name="judgements",
    )
    position = models.CharField(
        pgettext_lazy("of two judges", "position"),
        max_length=6,
        choices=Position,
        default=Position.FIRST,
    )
    state = models.CharField(_("state"), max_length=6, choices=State)
    dimension_scores = OrderedJSONField(
        _("scores by dimension"),
        default=list,
        help_text=_("A JSON list of objects with name, weight, score (1 to 5) and reason."),
    )
    score = models.FloatField(_("score"), null=True, blank=True, help_text=_("0 to 100."))
    threshold = models.FloatField(_("pass threshold"), help_text=_("0 to 100."))
    passed = models.BooleanField(_("passed"), default=False)
    error_code = models.CharField(_("error"), max_length=40, blank=True)
    error_detail = models.TextField(_("what was wrong with the answer"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("judgement")
        verbose_name_plural = _("judgements")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="scored", score__isnull=False)
                | Q(state="failed", score__isnull=True, passed=False),
                name="failed_judgements_never_pass",
            )
        ]
        indexes = [
            # Few records have a second judge, and the others cost nothing here.
            models.Index(
                fields=["record"],
                condition=Q(position="second", state="scored"),
                name="judged_twice",
            )
        ]

    def __str__(self) -> str:
        return f"{_('judgement')} {self.pk}"

    @property
    def outcome(self) -> str:
        """In one word what came of it: passed, below or failed."""
        if self.state == self.State.FAILED:
            return "failed"
        return "passed" if self.passed else "below"

    @property
    def outcome_label(self) -> str:
        return str(OUTCOMES[self.outcome])
