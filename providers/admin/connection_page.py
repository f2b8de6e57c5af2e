"""The page that tests a provider or one of its models, on demand."""

from __future__ import annotations

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from providers import connection
from providers.models import LanguageModel, Provider


def show(
    page: ModelAdmin, request: HttpRequest, subject: Provider | LanguageModel, provider: Provider
) -> HttpResponse:
    """Show the page; a POST makes the call and shows what came of it."""
    report = check(subject) if request.method == "POST" else None
    context = {
        **page.admin_site.each_context(request),
        "title": _("Test connection: %(name)s") % {"name": subject},
        "subject": subject,
        "provider": provider,
        "report": report,
        "known": set(provider.models.values_list("name", flat=True)),
        "model_opts": page.opts,
        "may_add": request.user.has_perm("providers.add_languagemodel"),
    }
    return TemplateResponse(request, "providers/connection.html", context)


def check(subject: Provider | LanguageModel) -> connection.ConnectionReport:
    if isinstance(subject, Provider):
        return connection.check_provider(subject)
    return connection.check_model(subject)
