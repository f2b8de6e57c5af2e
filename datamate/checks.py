"""System checks: mistakes in the configuration, found before they cost."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from quality import fingerprints

HOST_NAME = re.compile(r"[^\s/:\[\]@]+")


@register()
def check_queue_times(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse queue times under which a runner job would run twice."""
    queue = settings.Q_CLUSTER
    slice_end = settings.DATAMATE_SLICE_SECONDS + settings.DATAMATE_CALL_DEADLINE_SECONDS
    if slice_end < queue["timeout"] < queue["retry"]:
        return []
    return [
        Error(
            "A runner job may outlive the queue's timeout or retry.",
            hint="Keep slice + call deadline < timeout < retry in Q_CLUSTER.",
            id="datamate.E001",
        )
    ]


@register()
def check_private_hosts(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse entries that no host could ever equal, such as whole addresses."""
    return [
        Error(
            f"DATAMATE_ALLOWED_PRIVATE_HOSTS has {entry!r}, which is no host, address or network.",
            hint="Write it without scheme, port and path: ollama.internal, 10.0.0.5, 10.0.0.0/8.",
            id="datamate.E002",
        )
        for entry in settings.DATAMATE_ALLOWED_PRIVATE_HOSTS
        if not is_host(entry)
    ]


def is_host(entry: str) -> bool:
    try:
        ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return bool(HOST_NAME.fullmatch(entry))
    return True


@register()
def check_fingerprints(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse a numpy whose fingerprints are not those of the stored records."""
    if fingerprints.is_as_defined("green tea, 3.5 g 绿茶 3.5 克"):
        return []
    return [
        Error(
            "Fingerprints of records are not what the simhash package makes of them.",
            hint="Install the versions that requirements.txt names, on a little-endian machine.",
            id="datamate.E003",
        )
    ]
