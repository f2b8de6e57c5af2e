from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from synthesis.engine.supervisor import Supervisor
from synthesis.errors import WorkerRunningError


class Command(BaseCommand):
    help = "Run the worker: start the queue's cluster, watch it, and keep the runs served."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(_("Worker started. Stop it with Ctrl-C."))
        try:
            Supervisor().run()
        except WorkerRunningError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("Worker stopped."))
