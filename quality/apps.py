from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QualityConfig(AppConfig):
    name = "quality"
    verbose_name = _("Quality")

    def ready(self) -> None:
        from quality import receivers
        from synthesis.signals import records_saving

        records_saving.connect(receivers.judge, dispatch_uid="quality.judge")
