from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import IntegrityError
from django.test import Client
from django.utils import translation
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient
from rest_framework.throttling import UserRateThrottle

from datamate.api import errors
from providers.errors import QuotaExhaustedError
from providers.validation import NOT_STORABLE
from synthesis.models import Dataset
from tests import api, factories

pytestmark = pytest.mark.django_db

DATASETS = "/api/v1/datasets/"
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def editor():
    return api.editor()


def send(client, body, content_type="application/json"):
    return client.generic("POST", DATASETS, body, content_type=content_type)


def test_refused_fields_are_named(editor):
    response = editor.post(DATASETS, {"name": ""})
    assert (response.status_code, response.json()) == (
        400,
        {
            "code": "invalid",
            "detail": "These fields need correction: name.",
            "fields": {"name": ["This field may not be blank."]},
        },
    )


def test_what_the_model_refuses_is_told_by_field(editor):
    factories.dataset("Tea")
    response = editor.post(DATASETS, {"name": "Tea"})
    assert (response.status_code, response.json()["fields"]) == (
        400,
        {"name": ["Dataset with this Name already exists."]},
    )


def test_what_concerns_no_field_is_the_detail(editor):
    response = send(editor, "[]")
    sentence = "Invalid data. Expected a dictionary, but got list."
    assert response.json() == {
        "code": "invalid",
        "detail": sentence,
        "fields": {"non_field_errors": [sentence]},
    }


def test_broken_json_is_a_parse_error(editor):
    response = send(editor, "{")
    assert (response.status_code, response.json()["code"]) == (400, "parse_error")
    assert response.json()["detail"].startswith("JSON parse error - ")


@pytest.mark.parametrize(
    "name",
    ['"\\u0000"', '"\\ud800"', "1e400", "9" * 1200],
    ids=["NUL", "half a surrogate pair", "infinity", "very large"],
)
def test_json_that_no_database_stores_is_refused(editor, name):
    response = send(editor, f'{{"name": {name}}}')
    assert (response.status_code, response.json()) == (
        400,
        {"code": "parse_error", "detail": str(NOT_STORABLE)},
    )


@pytest.mark.parametrize("depth", [65, 100_000])
def test_json_that_is_too_deep_is_refused(editor, depth):
    response = send(editor, "[" * depth + "]" * depth)
    assert (response.status_code, response.json()) == (
        400,
        {"code": "parse_error", "detail": "The JSON is nested deeper than 64 levels."},
    )


def test_other_media_types_are_refused(editor):
    response = send(editor, "name=x", "application/x-www-form-urlencoded")
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


def test_a_wrong_method_is_refused(editor):
    response = editor.delete(DATASETS)
    assert (response.status_code, response.json()) == (
        405,
        {"code": "method_not_allowed", "detail": 'Method "DELETE" not allowed.'},
    )


@pytest.mark.parametrize("method", ["get", "post", "delete"])
@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/", "/api/v2/tasks/", "/api/v1/tasks"])
def test_unknown_addresses_say_so(method, path):
    response = getattr(Client(enforce_csrf_checks=True, headers=ENGLISH), method)(path)
    assert (response.status_code, response.json()) == (
        404,
        {
            "code": "not_found",
            "detail": "There is nothing at this address. Addresses of the API end with a slash.",
        },
    )


@pytest.mark.parametrize("pk", ["0", "999999999999999999999999", "abc", "-1"])
def test_unknown_rows_say_so(editor, pk):
    response = editor.get(f"{DATASETS}{pk}/")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_rows_in_use_name_their_users(editor):
    run = factories.run()
    response = editor.delete(f"{DATASETS}{run.dataset_id}/")
    assert (response.status_code, response.json()) == (
        409,
        {
            "code": "in_use",
            "detail": "It is still used by runs and synthesis tasks. Delete those first.",
        },
    )
    assert Dataset.objects.filter(pk=run.dataset_id).exists()


def test_errors_of_vendors_carry_the_advice_and_their_words(rf):
    response = errors.error_response(QuotaExhaustedError("no credit"), {"request": rf.get("/")})
    assert (response.status_code, response.data) == (
        502,
        {
            "code": "quota_exhausted",
            "detail": "The account at the vendor has no credit or quota left."
            " Top it up there, then resume. no credit",
        },
    )


def test_a_lost_race_is_a_conflict_and_is_logged(rf, caplog):
    response = errors.error_response(IntegrityError("UNIQUE failed"), {"request": rf.get("/")})
    assert (response.status_code, response.data["code"]) == (409, "conflict")
    assert "UNIQUE failed" not in response.data["detail"]
    assert caplog.messages == ["The database refused a request"]


def test_a_failure_of_the_server_tells_no_internals(editor, monkeypatch):
    def fail(*_args):
        raise RuntimeError("the secret")

    monkeypatch.setattr("synthesis.api.datasets.DatasetViewSet.get_queryset", fail)
    editor.raise_request_exception = False
    response = editor.get(DATASETS)
    assert (response.status_code, response.json()) == (
        500,
        {
            "code": "internal_error",
            "detail": "The server failed. The administrator finds the cause in its log.",
        },
    )


def test_a_body_that_is_too_large_is_refused(editor, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = editor.post(DATASETS, {"name": "x" * 200})
    assert (response.status_code, response.json()) == (
        400,
        {"code": "bad_request", "detail": "The request is malformed or too large."},
    )


@pytest.mark.parametrize("view", [errors.bad_request, errors.server_error])
def test_pages_outside_the_api_stay_html(rf, view):
    arguments = [ValueError()] if view is errors.bad_request else []
    response = view(rf.get("/admin/"), *arguments)
    assert response["Content-Type"].startswith("text/html")


class TestAuthentication:
    def test_nobody_is_asked_to_log_in(self):
        response = APIClient(headers=ENGLISH).get(DATASETS)
        assert (response.status_code, response["WWW-Authenticate"]) == (401, "Token")
        assert response.json() == {
            "code": "not_authenticated",
            "detail": "Authentication credentials were not provided.",
        }

    def test_a_wrong_token_is_refused(self):
        response = APIClient(headers={**ENGLISH, "Authorization": "Token wrong"}).get(DATASETS)
        assert (response.status_code, response.json()) == (
            401,
            {"code": "authentication_failed", "detail": "Invalid token."},
        )

    def test_a_token_lets_in(self):
        token = Token.objects.create(user=api.user("view"))
        client = APIClient(headers={"Authorization": f"Token {token.key}"})
        assert client.get(DATASETS).status_code == 200

    def test_a_token_of_a_disabled_user_is_refused(self):
        token = Token.objects.create(user=api.user("view"))
        User.objects.update(is_active=False)
        client = APIClient(headers={"Authorization": f"Token {token.key}"})
        assert client.get(DATASETS).status_code == 401

    def test_a_session_lets_in_to_read(self):
        client = Client(enforce_csrf_checks=True)
        client.force_login(api.user("view"))
        assert client.get(DATASETS).status_code == 200

    def test_a_session_needs_the_csrf_token_to_write(self):
        client = Client(enforce_csrf_checks=True, headers=ENGLISH)
        client.force_login(api.user(*api.VERBS))
        response = client.post(DATASETS, {"name": "x"}, content_type="application/json")
        assert (response.status_code, response.json()) == (
            403,
            {"code": "permission_denied", "detail": "CSRF Failed: CSRF cookie not set."},
        )

    def test_logging_in_has_a_page(self):
        assert Client().get("/api/auth/login/").status_code == 200


class TestLanguages:
    @pytest.mark.parametrize(
        ("language", "detail"),
        [
            ("en", "Authentication credentials were not provided."),
            ("zh-hans", "身份认证信息未提供。"),
        ],
    )
    def test_sentences_follow_the_request(self, language, detail):
        response = APIClient(headers={"Accept-Language": language}).get(DATASETS)
        assert response.json()["detail"] == detail

    def test_codes_stay_the_same(self):
        with translation.override("zh-hans"):
            body = errors.not_found(None).content
        assert json.loads(body)["code"] == "not_found"


class TestThrottling:
    def test_limits_each_user(self, editor, monkeypatch):
        cache.clear()
        monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": "2/min"})
        codes = [editor.get(DATASETS).status_code for _request in range(3)]
        assert codes == [200, 200, 429]
        response = editor.get(DATASETS)
        assert (response.json()["code"], "Retry-After" in response) == ("throttled", True)
        assert api.editor().get(DATASETS).status_code == 200
