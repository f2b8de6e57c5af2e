"""Accounts at vendors, and the language models that they serve."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from providers import catalogue


class ProviderQuerySet(models.QuerySet["Provider"]):
    def enabled(self) -> ProviderQuerySet:
        return self.filter(is_enabled=True)


class Provider(models.Model):
    name = models.CharField(_("name"), max_length=100, unique=True)
    vendor = models.CharField(_("vendor"), max_length=30, choices=catalogue.CHOICES)
    base_url = models.CharField(
        _("address"),
        max_length=500,
        blank=True,
        help_text=_("Leave it empty for the vendor's own address."),
    )
    uid = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    sealed_key = models.TextField(editable=False, blank=True)
    key_hint = models.CharField(_("API key"), max_length=40, editable=False, blank=True)
    extra_headers = models.JSONField(
        _("extra headers"),
        default=dict,
        blank=True,
        help_text=_("A JSON object of header names and values, sent with every call."),
    )
    extra_body = models.JSONField(
        _("extra body fields"),
        default=dict,
        blank=True,
        help_text=_("A JSON object merged into the body of every call."),
    )
    timeout_seconds = models.PositiveIntegerField(
        _("timeout"),
        default=120,
        validators=[MinValueValidator(1), MaxValueValidator(300)],
        help_text=_("Seconds that one call may take in all."),
    )
    max_concurrency = models.PositiveIntegerField(
        _("concurrent calls"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Most calls in flight at once over all tasks; empty for no limit."),
    )
    requests_per_minute = models.PositiveIntegerField(
        _("requests per minute"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    tokens_per_minute = models.PositiveIntegerField(
        _("tokens per minute"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    is_enabled = models.BooleanField(_("enabled"), default=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects: ClassVar[ProviderQuerySet] = ProviderQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
