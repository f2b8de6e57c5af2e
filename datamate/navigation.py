"""The sidebar and the tabs above the pages of data synthesis."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

# Model labels with the names of Material symbols, in the order of the sidebar.
SYNTHESIS = {
    "synthesis.SynthesisTask": "play_circle",
    "synthesis.RatioTask": "donut_small",
    "synthesis.Mixture": "blender",
    "synthesis.PromptTemplate": "article",
    "synthesis.Run": "history",
    "synthesis.Record": "lists",
    "synthesis.Dataset": "database",
    "synthesis.Source": "source",
    "synthesis.Job": "pending_actions",
}
QUALITY = {
    "quality.QualityPolicy": "verified",
    "quality.PolicyCheck": "fact_check",
    "quality.ContentRule": "policy",
    "quality.Rubric": "rule",
    "quality.Judgement": "gavel",
    "quality.Evaluation": "monitoring",
    "quality.Deduplication": "content_copy",
}
MODELS = {"providers.Provider": "cloud", "providers.LanguageModel": "psychology"}
ADMINISTRATION = {"auth.User": "person", "auth.Group": "group", "authtoken.TokenProxy": "key"}
TABS = (
    "synthesis.SynthesisTask",
    "synthesis.RatioTask",
    "synthesis.Mixture",
    "synthesis.PromptTemplate",
    "synthesis.Run",
)


def sections(request: HttpRequest) -> list[dict[str, Any]]:
    """List the pages that the user may open, as Unfold's sidebar takes them."""
    start = reverse("admin:index")
    home = {
        "title": _("Dashboard"),
        "icon": "dashboard",
        "link": start,
        "active": request.path == start,
    }
    return [
        {"items": [home]},
        {"title": _("Data synthesis"), "separator": True, "items": _items(request, SYNTHESIS)},
        {
            "title": _("Quality"),
            "separator": True,
            "items": [*_review(request), *_items(request, QUALITY)],
        },
        {"title": _("Models"), "separator": True, "items": _items(request, MODELS)},
        {
            "title": _("Administration"),
            "separator": True,
            "items": _items(request, ADMINISTRATION),
        },
    ]


def _review(request: HttpRequest) -> list[dict[str, Any]]:
    if not request.user.has_perms(["synthesis.view_record", "synthesis.review_record"]):
        return []
    link = reverse("admin:synthesis_record_review")
    return [
        {"title": _("Review"), "icon": "rate_review", "link": link, "active": _is_review(request)}
    ]


def tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """Put tasks, templates and runs side by side above their lists."""
    items = _items(request, dict.fromkeys(TABS, ""))
    # A tab whose link equals one of the sidebar would light up all of its neighbours there.
    for item in items:
        item["link"] = partial(_same, item["link"])
    return [{"models": [label.lower() for label in TABS], "items": items}]


def _is_review(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("admin:synthesis_record_review"))


def _same(link: str, _request: HttpRequest) -> str:
    return link


def _items(request: HttpRequest, icons: dict[str, str]) -> list[dict[str, Any]]:
    items = []
    for label, icon in icons.items():
        model = apps.get_model(label)
        page = admin.site._registry.get(model)
        if page is None or not page.has_view_permission(request):
            continue
        link = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        title = capfirst(model._meta.verbose_name_plural)
        is_active = request.path.startswith(link) and not _is_review(request)
        items.append({"title": title, "icon": icon, "link": link, "active": is_active})
    return items
