"""What every order of records says, whether models make them or datasets have them."""

from __future__ import annotations

from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from synthesis.models.authorship import Revised
from synthesis.models.dataset import Dataset, OutputFormat
from synthesis.models.names import unused_name
from synthesis.models.run import Run

MOST_RECORDS = 10_000_000
RECORD_LIMITS = [MinValueValidator(1), MaxValueValidator(MOST_RECORDS)]
CALL_LIMITS = [MinValueValidator(1), MaxValueValidator(1024)]


class Order(Revised):
    """The columns of an order but for what it is of; status and dataset are its own to say."""

    status: str

    name = models.CharField(_("task name"), max_length=200, unique=True)
    description = models.TextField(_("description"), blank=True)
    seed = models.BigIntegerField(
        _("seed"),
        default=1,
        validators=[MinValueValidator(0), MaxValueValidator(2**31 - 1)],
        help_text=_("The same seed draws the same plan again."),
    )
    output_format = models.CharField(
        _("output format"), max_length=10, choices=OutputFormat, default=OutputFormat.JSONL
    )

    class Meta:
        abstract = True
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name

    def copied(self, user: Any = None, **fields: Any) -> Self:
        """Store a copy with a name and a dataset of its own, and with other fields."""
        copy = type(self).objects.get(pk=self.pk)
        copy.pk = None
        copy._state.adding = True
        for name, value in fields.items():
            setattr(copy, name, value)
        copy.name, copy.created_by = unused_name(type(self), self.name), user
        copy.dataset = Dataset.named_after(copy.name, user)
        copy.save()
        return copy

    @property
    def is_active(self) -> bool:
        return self.status in Run.ACTIVE

    @property
    def is_unfinished(self) -> bool:
        return self.is_active or self.status == Run.Status.PAUSED


class GeneratingOrder(Order):
    """An order whose records language models make, batch by batch."""

    batch_size = models.PositiveIntegerField(
        _("batch size"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(200)],
        help_text=_("Records that one call asks for; {count} in the prompt."),
    )
    max_attempts = models.PositiveIntegerField(
        _("attempts per call"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text=_("How often a failing call is tried before its batch counts as failed."),
    )
    avoid_count = models.PositiveSmallIntegerField(
        _("records to avoid"),
        default=0,
        blank=True,
        validators=[MaxValueValidator(50)],
        help_text=_(
            "How many of the dataset's records each prompt lists as not to be repeated: {avoid},"
            " or at its end. 0: none."
        ),
    )
    example_count = models.PositiveSmallIntegerField(
        _("approved examples"),
        default=0,
        blank=True,
        validators=[MaxValueValidator(5)],
        help_text=_(
            "How many of the dataset's approved records each prompt shows as examples. 0: none."
        ),
    )

    class Meta(Order.Meta):
        abstract = True
