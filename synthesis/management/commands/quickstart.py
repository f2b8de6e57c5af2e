from __future__ import annotations

import os
import shlex
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from providers import local
from synthesis.errors import TaskNotReadyError
from synthesis.management import installation
from synthesis.management.children import Children
from synthesis.management.website import Place

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
EXTRA_GRACE_SECONDS = 10
WORKER_COMMAND = [sys.executable, str(settings.BASE_DIR / "manage.py"), "synthesis_worker"]


class Command(BaseCommand):
    help = "Set up what is missing, then start the web server and the worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="only set up, start nothing")
        parser.add_argument("--host", default=os.environ.get("HOST") or DEFAULT_HOST)
        parser.add_argument("--port", default=os.environ.get("PORT") or DEFAULT_PORT)

    def handle(self, *_args: Any, **options: Any) -> None:
        place = Place.read(options["host"], options["port"])
        if options["no_serve"]:
            password = self.set_up()
            self.say(self.credentials(password))
            return
        place.check_free()
        code = self.serve(place, self.set_up())
        if code:
            sys.exit(code)

    def set_up(self) -> str:
        """Make what is missing; returns the password of a new administrator, else nothing."""
        self.say(_("Preparing the database: %(place)s") % {"place": database_place()})
        call_command("migrate", verbosity=0, interactive=False)
        created = installation.add_administrator()
        if model := installation.add_local_model():
            self.say(_("Model added: %(model)s") % {"model": model})
        elif not local.is_available():
            self.say(_("The built-in model is not available here; add a provider of your own."))
        if count := installation.add_starters():
            self.say(_("Starter templates added: %(count)s") % {"count": count})
        self.start_sample()
        return created[1] if created else ""

    def start_sample(self) -> None:
        task = installation.add_sample_task()
        if task is None:
            return
        try:
            task.start()
        except TaskNotReadyError as error:
            self.say(f"{task}: {error}")
        else:
            words = {"task": task, "count": task.target_count}
            self.say(_("Task started: “%(task)s”, %(count)s records") % words)

    def serve(self, place: Place, password: str) -> int:
        """Run the web server and the worker until told to stop; returns the exit code."""
        children = Children(
            {"web": place.command(), "worker": WORKER_COMMAND},
            grace_seconds=settings.DATAMATE_STOP_SECONDS + EXTRA_GRACE_SECONDS,
            report=self.report,
            environment=place.environment(),
        )
        self.say(_("Starting the web server and the worker"))
        try:
            children.start()
            if place.await_answer(children.is_over):
                self.say(_("DataMate Synthesis runs at %(address)s") % {"address": place.url})
            self.say(self.credentials(password))
            self.say(self.next_steps(place))
            return children.watch()
        finally:
            self.say(_("Stopping when the calls in flight have ended; Ctrl-C again: at once"))
            children.stop()

    def credentials(self, password: str) -> str:
        name = administrator_name()
        if password:
            words = {"name": name, "password": password}
            return _("  User      %(name)s\n  Password  %(password)s (shown only now)") % words
        command = shlex.join([sys.executable, "manage.py", "changepassword", name])
        words = {"name": name, "command": command}
        return _("  User      %(name)s\n  Password  to set a new one: %(command)s") % words

    def next_steps(self, place: Place) -> str:
        lines = [
            _("  Next      Sign in and open the sample task: its records appear there."),
            _("  Stop      Ctrl-C"),
        ]
        if place.is_open_to_all:
            lines.append(
                _("  Network   Other machines are answered under DATAMATE_ALLOWED_HOSTS only.")
            )
        return "\n".join(lines)

    def report(self, name: str, code: int, is_revived: bool) -> None:
        sentence = (
            _("The %(name)s process ended with code %(code)s; it is started again.")
            if is_revived
            else _("The %(name)s process ended with code %(code)s; everything is stopped.")
        )
        self.stderr.write(sentence % {"name": name, "code": code})

    def say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def administrator_name() -> str:
    administrators = get_user_model().objects.filter(is_superuser=True, is_active=True)
    first = administrators.order_by("pk").first()
    return first.get_username() if first else "admin"


def database_place() -> str:
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        return str(database["NAME"])
    return f"PostgreSQL {database['HOST'] or 'localhost'}/{database['NAME']}"
