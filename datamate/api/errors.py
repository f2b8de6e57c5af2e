"""One shape for everything that goes wrong: code, detail and, for refused input, fields."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import IntegrityError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from providers.errors import ProviderError, advice
from synthesis.errors import SynthesisError

logger = logging.getLogger(__name__)

API_PREFIX = "/api/"
INTERNAL_ERROR = _("The server failed. The administrator finds the cause in its log.")


class ConflictError(exceptions.APIException):
    status_code = HTTPStatus.CONFLICT
    default_code = "conflict"
    default_detail = _("Another change came first. Read the data again, then repeat the request.")


class VendorError(exceptions.APIException):
    status_code = HTTPStatus.BAD_GATEWAY


def error_response(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer an error as {code, detail}; None leaves an unknown one to handler500."""
    if isinstance(error, ProtectedError | RestrictedError):
        error = ConflictError(_in_use(error), "in_use")
    elif isinstance(error, SynthesisError):
        error = ConflictError(str(error), error.code)
    elif isinstance(error, ProviderError):
        error = VendorError(f"{advice(error.code)} {error.detail}".strip(), error.code)
    elif isinstance(error, ModelValidationError):
        error = exceptions.ValidationError(_by_field(error))
    elif isinstance(error, Http404):
        # Django names its class, in English.
        error = exceptions.NotFound()
    elif isinstance(error, IntegrityError):
        logger.warning("The database refused a request", exc_info=error)
        error = ConflictError()
    response = exception_handler(error, dict(context))
    if response is not None:
        response.data = _body(error, response)
    return response


@csrf_exempt
def not_found(request: HttpRequest) -> HttpResponse:
    detail = gettext("There is nothing at this address. Addresses of the API end with a slash.")
    return _plain(HTTPStatus.NOT_FOUND, "not_found", detail)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(API_PREFIX):
        return defaults.bad_request(request, exception)
    detail = gettext("The request is malformed or too large.")
    return _plain(HTTPStatus.BAD_REQUEST, "bad_request", detail)


def server_error(request: HttpRequest) -> HttpResponse:
    if not request.path.startswith(API_PREFIX):
        return defaults.server_error(request)
    return _plain(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", str(INTERNAL_ERROR))


def _plain(status: HTTPStatus, code: str, detail: str) -> JsonResponse:
    return JsonResponse(
        {"code": code, "detail": detail},
        status=status,
        json_dumps_params={"ensure_ascii": False},
    )


def _body(error: Exception, response: Response) -> dict[str, Any]:
    if not isinstance(error, exceptions.ValidationError):
        detail = response.data["detail"]
        return {"code": detail.code, "detail": str(detail)}
    whole = api_settings.NON_FIELD_ERRORS_KEY
    fields = error.detail if isinstance(error.detail, dict) else {whole: error.detail}
    return {"code": "invalid", "detail": _summary(fields), "fields": fields}


def _summary(fields: Mapping[str, Any]) -> str:
    whole = fields.get(api_settings.NON_FIELD_ERRORS_KEY)
    if whole:
        return " ".join(map(str, whole))
    names = get_text_list(list(map(str, fields)), gettext("and"))
    return gettext("These fields need correction: %(names)s.") % {"names": names}


def _by_field(error: ModelValidationError) -> dict[str, list[str]]:
    whole = api_settings.NON_FIELD_ERRORS_KEY
    if not hasattr(error, "error_dict"):
        return {whole: error.messages}
    return {
        whole if name == NON_FIELD_ERRORS else name: messages
        for name, messages in error.message_dict.items()
    }


def _in_use(error: ProtectedError | RestrictedError) -> str:
    rows = getattr(error, "protected_objects", None) or error.restricted_objects
    kinds = sorted({str(row._meta.verbose_name_plural) for row in rows})
    return gettext("It is still used by %(kinds)s. Delete those first.") % {
        "kinds": get_text_list(kinds, gettext("and"))
    }
