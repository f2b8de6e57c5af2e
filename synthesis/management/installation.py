"""What a new installation gets once: a user, the built-in model, starters and a sample task."""

from __future__ import annotations

import itertools
import secrets
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils.translation import gettext as _

from providers import local
from providers.local.server import CONTEXT_TOKENS, slots
from providers.models import LanguageModel, Provider
from synthesis import starters
from synthesis.models import Dataset, PromptTemplate, SynthesisTask
from synthesis.signals import installing

SAMPLE_RECORDS = 5
# The built-in model writes one good record a call, and answers one call after the other.
SAMPLE_BATCH_SIZE = 1
SAMPLE_CONCURRENCY = 1
PASSWORD_BYTES = 12
FREE = Decimal(0)


def add_administrator() -> tuple[AbstractUser, str] | None:
    """Create an administrator with a random password, where there is none yet."""
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    names = itertools.chain(["admin"], (f"admin{number}" for number in itertools.count(2)))
    name = next(name for name in names if not users.filter(username=name).exists())
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    return users.create_superuser(name, password=password), password


def add_local_model() -> LanguageModel | None:
    """Register the built-in model; make it the default where there is none, or another file's.

    Returns None where it was known already, or where it is not available.
    """
    if not local.is_available():
        return None
    weights = local.description()
    name = weights.name
    with transaction.atomic():
        provider = Provider.objects.filter(vendor="local").first()
        if provider is None:
            label = (
                _("Built-in model (demo quality)")
                if weights.is_demo_quality
                else _("Built-in model")
            )
            provider = Provider.objects.create(name=label, vendor="local", max_concurrency=slots())
        if provider.models.filter(name=name).exists():
            return None
        model = provider.add_model(name)
        model.context_tokens, model.input_price, model.output_price = CONTEXT_TOKENS, FREE, FREE
        model.save()
        # The file that was served before is none any more, and its name is refused.
        if not LanguageModel.objects.filter(is_default=True).exclude(provider=provider).exists():
            model.make_default()
    return model


def add_starters() -> int:
    """Create the starter templates that are missing; those that are there may be edited."""
    known = set(PromptTemplate.objects.values_list("name", flat=True))
    missing = [starter for starter in starters.load() if starter["name"] not in known]
    with transaction.atomic():
        for starter in missing:
            template = PromptTemplate(is_starter=True, **without_marks(starter))
            template.full_clean()
            template.save()
        installing.send(sender=PromptTemplate)
    return len(missing)


def without_marks(starter: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in starter.items() if name not in ("language", "sample")}


def add_sample_task() -> SynthesisTask | None:
    """Create the first task of a new installation, to be started."""
    starter = next(starter for starter in starters.load() if starter["sample"])
    template = PromptTemplate.objects.filter(name=starter["name"]).first()
    if template is None or SynthesisTask.objects.exists():
        return None
    name = _("Sample task")
    with transaction.atomic():
        return SynthesisTask.objects.create(
            name=name,
            description=_("Made by the built-in model, to show how everything works."),
            template_version=template.latest_version,
            target_count=SAMPLE_RECORDS,
            batch_size=SAMPLE_BATCH_SIZE,
            concurrency=SAMPLE_CONCURRENCY,
            dataset=Dataset.named_after(name),
        )
