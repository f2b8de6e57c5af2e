"""What a mixture draws from one dataset, and what came of it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Cast
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from synthesis.drawing import Forecast
from synthesis.models.dataset import Dataset
from synthesis.models.fields import OrderedKeyText
from synthesis.models.record import Record, RecordQuerySet

MOST_IN_VAIN = 10_000  # records refused one after the other, until a row gives up


class MixtureRow(models.Model):
    """A source with its filters, its part of the whole, and the numbers of the latest drawing."""

    mixture = models.ForeignKey(
        "synthesis.Mixture", models.CASCADE, verbose_name=_("mixture"), related_name="rows"
    )
    position = models.PositiveIntegerField(_("position"))
    source = models.ForeignKey(
        Dataset, models.PROTECT, verbose_name=_("source dataset"), related_name="+"
    )
    label = models.CharField(_("category in the output"), max_length=100, blank=True)
    share = models.DecimalField(_("share"), max_digits=7, decimal_places=4)
    count = models.PositiveIntegerField(_("count"))
    category = models.CharField(_("category"), max_length=100, blank=True)
    score_from = models.FloatField(_("score from"), null=True, blank=True)
    score_to = models.FloatField(_("score to"), null=True, blank=True)
    judge_from = models.FloatField(_("judge's score from"), null=True, blank=True)
    judge_to = models.FloatField(_("judge's score to"), null=True, blank=True)
    created_from = models.DateField(_("created from"), null=True, blank=True)
    created_to = models.DateField(_("created to"), null=True, blank=True)
    review = models.CharField(_("review"), max_length=10, choices=Record.Review, blank=True)
    field = models.CharField(_("field of the content"), max_length=200, blank=True)
    text = models.CharField(_("contains"), max_length=500, blank=True)
    is_whole = models.BooleanField(_("and nothing else"), default=False)
    found = models.PositiveIntegerField(_("found"), null=True)
    drawn = models.PositiveIntegerField(_("drawn"), null=True)
    replaced = models.PositiveIntegerField(_("replaced"), default=0)

    # Of a filter's field, the lookup that it stands for.
    RANGES = {
        "score_from": "score__gte",
        "score_to": "score__lte",
        "judge_from": "judge_score__gte",
        "judge_to": "judge_score__lte",
        "created_from": "created_at__date__gte",
        "created_to": "created_at__date__lte",
    }

    class Meta:
        verbose_name = _("mixture row")
        verbose_name_plural = _("mixture rows")
        ordering = ["mixture", "position"]
        constraints = [
            models.UniqueConstraint(fields=["mixture", "position"], name="one_row_per_position")
        ]

    def __str__(self) -> str:
        return f"{self.mixture} · {self.title}"

    @property
    def title(self) -> str:
        return f"{self.source} → {self.label}" if self.label else str(self.source)

    def candidates(self) -> RecordQuerySet:
        """The accepted records of the source that pass the filters."""
        limits = {
            lookup: value
            for name, lookup in self.RANGES.items()
            if (value := getattr(self, name)) is not None
        }
        records = Record.objects.accepted().filter(dataset=self.source_id, **limits)
        if self.category:
            records = records.in_category(self.category)
        if self.review:
            records = records.filter(review=self.review)
        if self.field:
            value = Cast(OrderedKeyText(self.field, "content"), models.TextField())
            lookup = "exact" if self.is_whole else "icontains"
            records = records.alias(value=value).filter(**{f"value__{lookup}": self.text})
        return records

    def filters(self) -> list[tuple[str, Any]]:
        """List the filters that are set, by their names."""
        names = ("category", *self.RANGES)
        shown = [(self._meta.get_field(name).verbose_name, getattr(self, name)) for name in names]
        if self.review:
            shown.append((self._meta.get_field("review").verbose_name, self.get_review_display()))
        if self.field:
            text = gettext("is “%(text)s”") if self.is_whole else gettext("contains “%(text)s”")
            shown.append((self.field, text % {"text": self.text}))
        return [(str(label), value) for label, value in shown if value not in (None, "")]

    def unused(self) -> MixtureRow:
        """Return an unsaved copy of what is ordered."""
        copy = MixtureRow.objects.get(pk=self.pk)
        copy.pk, copy.found, copy.drawn, copy.replaced = None, None, None, 0
        copy._state.adding = True
        return copy

    def begin(self, found: int) -> None:
        self.found, self.drawn, self.replaced = found, 0, 0
        self.save(update_fields=["found", "drawn", "replaced"])

    def add(self, drawn: int, replaced: int) -> None:
        self.drawn, self.replaced = (self.drawn or 0) + drawn, self.replaced + replaced
        self.save(update_fields=["drawn", "replaced"])

    @property
    def missing(self) -> int:
        return self.count - (self.drawn or 0)

    def foreseen_shortage(self, forecast: Forecast) -> str:
        """Say that there are fewer records than wanted, and why; empty where there are enough."""
        words = {"found": forecast.found, "wanted": self.count, "left": forecast.drawable}
        if forecast.found < self.count:
            text = gettext("The filters find %(found)s records; %(wanted)s are wanted.")
            return text % words
        if forecast.drawable < self.count:
            text = gettext(
                "The filters find %(found)s records, but other rows draw some of them too:"
                " %(left)s are left of %(wanted)s wanted."
            )
            return text % words
        return ""

    @property
    def shortage(self) -> str:
        """Say what became of all that was found, where it was not enough."""
        if self.drawn is None or self.found is None or not self.missing:
            return ""
        parts = [gettext("The filters found %(found)s records.") % {"found": self.found}]
        if self.replaced:
            text = gettext("%(count)s were refused by the checks of the output dataset.")
            parts.append(text % {"count": self.replaced})
        if (left := self.found - self.drawn - self.replaced) > 0:
            parts.append(self._why_left() % {"count": left, "limit": MOST_IN_VAIN})
        return " ".join(parts)

    def _why_left(self) -> str:
        if self.replaced < MOST_IN_VAIN:
            return gettext("%(count)s were drawn by other rows.")
        return gettext(
            "%(count)s were drawn by other rows, or left alone when %(limit)s in a row had been"
            " refused."
        )
