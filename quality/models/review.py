from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from synthesis.models import Record
from synthesis.models.fields import OrderedJSONField


class ReviewEvent(models.Model):
    """What a person did to a record: who, when, and what changed."""

    class Action(models.TextChoices):
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        RESET = "reset", _("decision taken back")
        ASSIGNED = "assigned", pgettext_lazy("to a reviewer", "assigned")
        EDITED = "edited", pgettext_lazy("by a person", "edited")

    record = models.ForeignKey(
        Record, models.CASCADE, verbose_name=_("record"), related_name="review_events"
    )
    action = models.CharField(_("action"), max_length=10, choices=Action)
    note = models.TextField(_("reason"), blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("assigned to"),
        null=True,
        blank=True,
        related_name="+",
    )
    status_before = models.CharField(
        _("status before"), max_length=10, choices=Record.Status, blank=True
    )
    status_after = models.CharField(
        _("status after"), max_length=10, choices=Record.Status, blank=True
    )
    content_before = OrderedJSONField(_("content before"), null=True, blank=True)
    content_after = OrderedJSONField(_("content after"), null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        related_name="+",
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("review event")
        verbose_name_plural = _("review events")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.get_action_display()} ({self.pk})"

    @classmethod
    def note_edit(cls, record: Record, before: Any, user: Any) -> ReviewEvent:
        return cls.objects.create(
            record=record,
            action=cls.Action.EDITED,
            content_before=before,
            content_after=record.content,
            status_after=record.status,
            user=user,
        )

    @classmethod
    def latest_of(cls, record: Record) -> ReviewEvent | None:
        """Return the newest event that changed what a reviewer decides on."""
        events = cls.objects.filter(record=record).exclude(action=cls.Action.ASSIGNED)
        return events.select_related("user").order_by("-pk").first()

    @classmethod
    def latest_edit_of(cls, record: Record) -> ReviewEvent | None:
        """Return the newest edit, if the record still has the content that it gave."""
        edits = cls.objects.filter(record=record, action=cls.Action.EDITED)
        edit = edits.order_by("-pk").first()
        return edit if edit is not None and edit.content_after == record.content else None
