from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from providers import local
from providers.errors import LocalModelError

CHECK_SECONDS = 1.0


class Command(BaseCommand):
    help = "Keep the built-in language model running, and print its address, until Ctrl-C."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.keep_running()
        except LocalModelError as error:
            raise CommandError(error.detail) from error
        except KeyboardInterrupt:
            self.stdout.write(_("It ends with the last process that uses it."))

    def keep_running(self) -> None:
        address = ""
        while True:
            current = local.ensure_server()
            if current != address:
                address = current
                message = _("%(name)s answers at %(address)s")
                names = {"name": local.description().name, "address": address}
                self.stdout.write(message % names)
            time.sleep(CHECK_SECONDS)
