from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext

from providers.models import Provider
from providers.secrets import SecretError


class Command(BaseCommand):
    help = "Seal every stored API key again with the first key of DATAMATE_ENCRYPTION_KEYS."

    def handle(self, *_args: Any, **_options: Any) -> None:
        failed = []
        count = 0
        for provider in Provider.objects.stored_keys():
            try:
                count += provider.rotate_key()
            except SecretError as error:
                failed.append(f"{provider}: {error}")
        self.stdout.write(gettext("Keys sealed again: %(count)s.") % {"count": count})
        if failed:
            raise CommandError("\n".join(failed))
