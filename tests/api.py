"""Users of the API, each with what a test says they may do."""

from __future__ import annotations

import itertools
from typing import Any

from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

APPS = ("providers", "synthesis", "quality")
VERBS = ("view", "add", "change", "delete", "review")

numbers = itertools.count(1)


class JSONClient(APIClient):
    default_format = "json"


def user(*verbs: str) -> User:
    """Make a user with the permissions of these verbs on every model of the product."""
    row = User.objects.create_user(f"user {next(numbers)}")
    chosen = Permission.objects.filter(content_type__app_label__in=APPS)
    row.user_permissions.set(
        permission for permission in chosen if permission.codename.partition("_")[0] in verbs
    )
    return row


def client(*verbs: str, **headers: Any) -> JSONClient:
    """Log such a user in; without verbs, one who may do nothing."""
    made = JSONClient(headers=headers)
    made.force_authenticate(user(*verbs))
    return made


def editor(**headers: Any) -> JSONClient:
    return client(*VERBS, **headers)
