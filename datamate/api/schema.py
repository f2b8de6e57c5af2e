"""The OpenAPI document: every operation with the errors that it may answer."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

JSON = ["application/json"]
INTEGER_SIZES = {-(2**63), 2**63 - 1, -(2**31), 2**31 - 1}
ERRORS = {
    "400": _("Something in the request is not as it should be."),
    "401": _("Log in, or send a token."),
    "403": _("You may not do this."),
    "404": _("There is no such thing."),
    "409": _("It is not possible as things stand; detail says why."),
    "415": _("Send JSON."),
    "429": _("Too many requests; Retry-After says how many seconds to wait."),
}


class ErrorSerializer(serializers.Serializer):
    code = serializers.CharField(help_text=_("For programs; it never changes."))
    detail = serializers.CharField(help_text=_("For people, in the language that they asked for."))
    fields_ = serializers.DictField(
        required=False, help_text=_("For refused input: what is wrong with each field.")
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        return {name.rstrip("_"): field for name, field in fields.items()}


class DocumentedSchema(AutoSchema):
    def get_response_serializers(self) -> Any:
        """Give the actions that a view names as accepted the code 202."""
        found = super().get_response_serializers()
        return {202: found} if self.view.action in getattr(self.view, "accepted", ()) else found

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        for code in self._error_codes():
            body = self._get_response_for_code(ErrorSerializer, code, JSON, direction)
            bodies.setdefault(code, {**body, "description": str(ERRORS[code])})
        return bodies

    def _error_codes(self) -> list[str]:
        codes = {"401", "403", "429"}
        if "{" in self.path or self._is_list_view():
            codes.add("404")
        if self.method == "GET" and self.get_filter_backends():
            codes.add("400")
        if self.method != "GET":
            codes |= {"400", "409"}
        if self.method in ("POST", "PUT", "PATCH"):
            codes.add("415")
        return sorted(codes)


def without_integer_sizes(result: dict[str, Any], **_facts: Any) -> dict[str, Any]:
    """Leave out bounds that are the database's; else each database would have its own document."""
    _strip(result)
    return result


def _strip(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _strip(item)
    elif isinstance(node, dict):
        for name in ("minimum", "maximum"):
            if name in node and node[name] in INTEGER_SIZES:
                del node[name]
                node.pop("format", None)
        for item in node.values():
            _strip(item)
