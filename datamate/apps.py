from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.utils.translation import gettext_lazy as _


class AdminConfig(DjangoAdminConfig):
    default_site = "datamate.admin_site.DatamateAdminSite"


class DatamateConfig(AppConfig):
    name = "datamate"
    verbose_name = _("DataMate")

    def ready(self) -> None:
        from datamate import checks  # noqa: F401  registers the system checks
