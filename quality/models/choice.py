"""Which policy counts where: what a task, its runs and a dataset want of quality."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from quality.models.policy import POINTS, SHARE, PolicyVersion, QualityPolicy
from quality.models.rubric import RubricVersion
from synthesis.models import Dataset, Run, SynthesisTask
from synthesis.models.fields import OrderedJSONField

OWN_THRESHOLDS = ("duplicate_threshold", "minimum_score", "judge_threshold")


class Thresholds(models.Model):
    """A task's own marks; empty ones are the policy's."""

    duplicate_threshold = models.FloatField(
        _("similarity of duplicates"),
        null=True,
        blank=True,
        validators=SHARE,
        help_text=_("0.3 to 1; lower finds looser copies. Empty: as the policy says."),
    )
    minimum_score = models.FloatField(
        _("minimum score"),
        null=True,
        blank=True,
        validators=POINTS,
        help_text=_("0 to 100; a lower rule score rejects. Empty: as the policy says."),
    )
    judge_threshold = models.FloatField(
        _("judge's pass mark"),
        null=True,
        blank=True,
        validators=POINTS,
        help_text=_("0 to 100; a lower judge's score rejects. Empty: as the policy says."),
    )

    class Meta:
        abstract = True


class TaskQuality(Thresholds):
    task = models.OneToOneField(
        SynthesisTask, models.CASCADE, verbose_name=_("task"), related_name="quality"
    )
    policy = models.ForeignKey(
        QualityPolicy,
        models.PROTECT,
        verbose_name=_("quality policy"),
        null=True,
        blank=True,
        related_name="tasks",
        help_text=_("What every record of the next run is checked for."),
    )
    other_datasets = models.ManyToManyField(
        Dataset,
        verbose_name=_("not in these datasets either"),
        blank=True,
        related_name="+",
        help_text=_("Records that repeat one of these are duplicates too: an evaluation set, say."),
    )

    class Meta:
        verbose_name = _("quality")
        verbose_name_plural = _("quality")

    def __str__(self) -> str:
        return f"{self.task}: {self.policy or _('default')}"


class RunQuality(Thresholds):
    """What a run asks of its records, frozen when it is created."""

    run = models.OneToOneField(Run, models.CASCADE, verbose_name=_("run"), related_name="quality")
    version = models.ForeignKey(
        PolicyVersion,
        models.PROTECT,
        verbose_name=_("quality policy"),
        null=True,
        related_name="runs",
    )
    rubric_version = models.ForeignKey(
        RubricVersion,
        models.PROTECT,
        verbose_name=_("rubric"),
        null=True,
        related_name="runs",
    )
    other_datasets = OrderedJSONField(_("other datasets"), default=list)

    class Meta:
        verbose_name = _("quality of the run")
        verbose_name_plural = _("quality of the runs")

    def __str__(self) -> str:
        return f"{self.run}: {self.version}"


class DatasetQuality(models.Model):
    """The policy for records that come without a run: imported, typed in, or sent."""

    dataset = models.OneToOneField(
        Dataset, models.CASCADE, verbose_name=_("dataset"), related_name="quality"
    )
    policy = models.ForeignKey(
        QualityPolicy,
        models.PROTECT,
        verbose_name=_("quality policy"),
        null=True,
        blank=True,
        related_name="datasets",
        help_text=_("For records that are imported, typed in or sent, and for edited ones."),
    )

    class Meta:
        verbose_name = _("quality")
        verbose_name_plural = _("quality")

    def __str__(self) -> str:
        return f"{self.dataset}: {self.policy or _('default')}"
