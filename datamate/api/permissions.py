from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Model
from rest_framework.permissions import DjangoModelPermissions

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

READING = ("GET", "HEAD", "OPTIONS")


class ModelPermissions(DjangoModelPermissions):
    """Ask for the model's view, add, change or delete permission.

    POST to one row is a command and means change. A view's needs may name other
    permissions for an action: {"clone": ["synthesis.add_synthesistask"]}.
    """

    perms_map = {
        **DjangoModelPermissions.perms_map,
        **{method: ["%(app_label)s.view_%(model_name)s"] for method in READING},
        "COMMAND": ["%(app_label)s.change_%(model_name)s"],
    }

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not (request.user and request.user.is_authenticated):
            return False
        if getattr(view, "_ignore_model_permissions", False):
            return True
        return request.user.has_perms(self.needs(request, view))

    def needs(self, request: Request, view: APIView) -> list[str]:
        own = getattr(view, "needs", {}).get(getattr(view, "action", None))
        if own:
            return own
        model: type[Model] = self._queryset(view).model
        is_command = request.method == "POST" and getattr(view, "detail", False)
        return self.get_required_permissions("COMMAND" if is_command else request.method, model)
