"""The start page: what to do next, what runs, what it made and cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from providers.models import LanguageModel
from synthesis.engine.clock import database_now
from synthesis.models import Call, Dataset, PromptTemplate, RatioTask, Run, SynthesisTask, Worker

SILENT_SECONDS = 15
LATEST_TASKS = 6
TASK_PAGE = "admin:synthesis_synthesistask_change"
RATIO_PAGE = "admin:synthesis_ratiotask_change"


def shared(_request: HttpRequest) -> dict[str, Any]:
    """What every page shows; asked of the database only where a template reads it."""
    return {"worker_is_missing": SimpleLazyObject(worker_is_missing)}


def worker_is_missing() -> bool:
    fresh = database_now() - timedelta(seconds=SILENT_SECONDS)
    return not Worker.objects.supervisors().filter(heartbeat_at__gte=fresh).exists()


def context(_request: HttpRequest, page: dict[str, Any]) -> dict[str, Any]:
    steps = onboarding()
    return {
        **page,
        "steps": steps,
        "steps_done": sum(step["is_done"] for step in steps),
        "latest_tasks": latest_tasks(),
        "totals": totals(),
        "month": this_month(),
    }


def onboarding() -> list[dict[str, Any]]:
    """The way from an empty house to a first dataset, each step judged by the data."""
    return [
        {
            "title": _("Connect a model"),
            "help": _("Add a provider and test the connection, or use the built-in model."),
            "is_done": LanguageModel.objects.enabled().exists(),
            "link": reverse("admin:providers_provider_changelist"),
        },
        {
            "title": _("Write a template"),
            "help": _("Start from a starter, watch the preview, and try it with a real call."),
            "is_done": PromptTemplate.objects.filter(is_enabled=True).exists(),
            "link": reverse("admin:synthesis_prompttemplate_changelist"),
        },
        {
            "title": _("Create a task"),
            "help": _("Say how many records you want; the task starts by itself."),
            "is_done": SynthesisTask.objects.exists(),
            "link": reverse("admin:synthesis_synthesistask_add"),
        },
        {
            "title": _("Look at the records"),
            "help": _("Read what was made before you use it."),
            "is_done": Run.objects.filter(accepted__gt=0).exists(),
            "link": reverse("admin:synthesis_record_changelist"),
        },
        {
            "title": _("Export the dataset"),
            "help": _("Download it as JSON, JSONL, CSV or XLSX."),
            "is_done": Dataset.objects.filter(exported_at__isnull=False).exists(),
            "link": reverse("admin:synthesis_dataset_changelist"),
        },
    ]


def latest_tasks() -> list[dict[str, Any]]:
    """Return the newest tasks and ratio tasks; the tasks of categories stand under the latter."""
    alone = SynthesisTask.objects.with_progress().filter(category=None)[:LATEST_TASKS]
    ratios = RatioTask.objects.with_progress()[:LATEST_TASKS]
    rows = [
        *({"task": task, "page": TASK_PAGE} for task in alone),
        *({"task": task, "page": RATIO_PAGE} for task in ratios),
    ]
    rows.sort(key=lambda row: row["task"].created_at, reverse=True)
    return rows[:LATEST_TASKS]


def totals() -> dict[str, int]:
    """Count what there is; records by the counters of their runs, which a test holds true."""
    made = Run.objects.aggregate(
        **{name: Sum(name, default=0) for name in Run.COUNTERS}, runs=Count("pk")
    )
    return {
        **made,
        "templates": PromptTemplate.objects.count(),
        "tasks": SynthesisTask.objects.filter(category=None).count(),
        "active": Run.objects.active().count(),
    }


def this_month() -> dict[str, Any]:
    """Sum up the calls since the first of the month: number, tokens, money by currency."""
    start = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rows = list(
        Call.objects.filter(started_at__gte=start)
        .values(currency=F("language_model__currency"))
        .annotate(
            calls=Count("pk"),
            cost=Sum("cost"),
            tokens=Sum("prompt_tokens", default=0) + Sum("completion_tokens", default=0),
        )
        .order_by("currency")
    )
    return {
        "calls": sum(row["calls"] for row in rows),
        "tokens": sum(row["tokens"] for row in rows),
        "costs": [(row["currency"], row["cost"]) for row in rows if row["cost"] is not None],
    }
