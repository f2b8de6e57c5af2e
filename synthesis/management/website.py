"""The web server that a command starts: where it listens, how it is started, when it answers."""

from __future__ import annotations

import http.client
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from synthesis.management.lookup import USAGE_ERROR

LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  every address of this machine
PAUSE_SECONDS = 0.2
ANSWER_SECONDS = 10
START_SECONDS = 60


@dataclass(frozen=True)
class Place:
    """Where the server listens."""

    host: str
    port: int

    @classmethod
    def read(cls, host: str, port: Any) -> Place:
        """Errors: CommandError, exit code 2, when port is no port."""
        digits = str(port)
        if digits.isascii() and digits.isdigit() and 0 < int(digits) < 65536:
            return cls(host.strip("[]"), int(digits))
        raise CommandError(
            _("PORT is “%(value)s”; it must be a number from 1 to 65535.") % {"value": port},
            returncode=USAGE_ERROR,
        )

    def check_free(self) -> None:
        """Errors: CommandError when nothing can listen here."""
        try:
            family, kind, protocol, _name, address = socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_STREAM
            )[0]
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except OSError as error:
            names = {"place": self, "reason": error.strerror, "next": self.port + 1}
            raise CommandError(
                _(
                    "%(place)s cannot be used: %(reason)s. Stop the program that uses it,"
                    " or choose another port: PORT=%(next)s make run"
                )
                % names
            ) from error

    def __str__(self) -> str:
        return f"{bracketed(self.host)}:{self.port}"

    @property
    def is_open_to_all(self) -> bool:
        return self.host in LOOPBACK_OF

    @property
    def url(self) -> str:
        """The address at which a browser on this machine finds the server."""
        return f"http://{bracketed(self.reachable_host)}:{self.port}/"

    @property
    def reachable_host(self) -> str:
        return LOOPBACK_OF.get(self.host, self.host)

    def command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "gunicorn", "datamate.wsgi"),
            *("--chdir", str(settings.BASE_DIR), "--bind", str(self)),
            *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
            *("--graceful-timeout", "10", "--log-level", "warning", "--no-control-socket"),
        ]

    def environment(self) -> dict[str, str]:
        """Let the server answer at the host that it was given."""
        allowed, host = settings.ALLOWED_HOSTS, bracketed(self.host)
        if self.is_open_to_all or "*" in allowed or host in allowed:
            return {}
        return {"DATAMATE_ALLOWED_HOSTS": ",".join([*allowed, host])}

    def await_answer(self, is_over: Callable[[], bool]) -> bool:
        """Wait for the first answer; False when none came before it was over."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and not is_over():
            if self.answers():
                return True
            time.sleep(PAUSE_SECONDS)
        return False

    def answers(self) -> bool:
        connection = http.client.HTTPConnection(
            self.reachable_host, self.port, timeout=ANSWER_SECONDS
        )
        try:
            connection.request("HEAD", "/")
            connection.getresponse().close()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
