"""Requests that no program of ours would send: each is answered as {code, detail}, none crashes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from datamate.api.urls import router
from tests import api, factories

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

DATASETS = "/api/v1/datasets/"
PREFIXES = [prefix for prefix, _viewset, _basename in router.registry]
# Pages by number; the others go by key, and know no page.
NUMBERED = [
    prefix
    for prefix, viewset, _basename in router.registry
    if viewset.pagination_class and hasattr(viewset.pagination_class, "page_query_param")
]


@pytest.fixture
def editor() -> api.JSONClient:
    return api.editor()


def post(client: APIClient, body: bytes | str, content_type: str = "application/json") -> Any:
    return client.generic("POST", DATASETS, body, content_type=content_type)


def answer(response: Any) -> tuple[int, str]:
    body = json.loads(response.content)
    assert {"code", "detail"} <= body.keys()
    assert body["detail"]
    return response.status_code, body["code"]


# Bodies


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"{",
        b'{"name": "a",}',
        b"{'name': 'a'}",
        b'{"name": "a"} {}',
        b'{"name": undefined}',
        b'\xff\xfe{"name"',
        b'{"name": "\xe9"}',
        b"\xef\xbb\xbf{}",
        b'{"name": "a\nb"}',
        b"nan",
        b'{"name": ' + b"9" * 5000 + b"}",
    ],
    ids=[
        "nothing", "blanks", "cut", "a comma too many", "single quotes", "two values",
        "JavaScript", "UTF-16", "Latin-1", "a mark of byte order", "a bare line break",
        "a bare NaN", "5,000 digits",
    ],
)  # fmt: skip
def test_a_body_that_is_no_json_is_a_parse_error(editor: api.JSONClient, body: bytes) -> None:
    if not body.strip():
        assert post(editor, body).status_code == 400
        return
    assert answer(post(editor, body)) == (400, "parse_error")


@pytest.mark.parametrize("body", ["[]", "null", "7", '"text"', "true", "[{}]"])
def test_json_that_is_no_object_is_invalid(editor: api.JSONClient, body: str) -> None:
    assert answer(post(editor, body)) == (400, "invalid")


@pytest.mark.parametrize(
    "charset", ["utf-16", "gbk", "latin-1", "base64", "rot13", "unicode_escape", "idna", "nonsense"]
)
def test_no_charset_breaks_the_parser(editor: api.JSONClient, charset: str) -> None:
    response = post(editor, b'{"name": "Tea"}', f"application/json; charset={charset}")
    assert response.status_code in {201, 400}
    if response.status_code == 400:
        assert answer(response) == (400, "parse_error")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "multipart/form-data; boundary=x", "", "json", "a/b/c"],
)
def test_a_media_type_that_is_not_taken_says_so(editor: api.JSONClient, content_type: str) -> None:
    assert answer(post(editor, b"{}", content_type)) == (415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json", "APPLICATION/JSON; charset=UTF-8"])
def test_json_is_taken_however_it_is_named(editor: api.JSONClient, content_type: str) -> None:
    assert post(editor, '{"name": "绿茶"}', content_type).json()["name"] == "绿茶"


# Names of hosts, formats and methods


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:x", "a b", "[::1", "localhost@evil"])
def test_a_strange_host_is_a_bad_request(editor: api.JSONClient, host: str) -> None:
    response = editor.get(DATASETS, headers={"Host": host})
    assert answer(response) == (400, "bad_request")


@pytest.mark.parametrize("accept", ["application/xml", "image/png", "text/csv"])
def test_a_format_that_is_not_spoken_says_so(editor: api.JSONClient, accept: str) -> None:
    response = editor.get(DATASETS, headers={"Accept": accept})
    assert answer(response) == (406, "not_acceptable")


@pytest.mark.parametrize("accept", ["*/*", "application/*", "application/json;q=0.1"])
def test_json_is_the_answer_to_whoever_takes_it(editor: api.JSONClient, accept: str) -> None:
    response = editor.get(DATASETS, headers={"Accept": accept})
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("format", ["xml", "JSON", "../etc", "\x00"])
def test_an_unknown_format_in_the_address_is_not_found(editor: api.JSONClient, format: str) -> None:
    assert answer(editor.get(DATASETS, {"format": format})) == (404, "not_found")


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_list_takes_no_method_that_is_for_one_row(
    editor: api.JSONClient, prefix: str, method: str
) -> None:
    response = editor.generic(method.upper(), f"/api/v1/{prefix}/")
    assert answer(response) == (405, "method_not_allowed")


# Rows and pages


@pytest.mark.parametrize("pk", ["0", "-1", "x", "1.0", "%00", "9" * 30, "1 OR 1=1"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_row_that_there_is_not_is_not_found(editor: api.JSONClient, prefix: str, pk: str) -> None:
    assert answer(editor.get(f"/api/v1/{prefix}/{pk}/")) == (404, "not_found")


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30, "\x00", ""])
@pytest.mark.parametrize("prefix", NUMBERED)
def test_a_page_that_there_is_not_is_not_found(
    editor: api.JSONClient, prefix: str, page: str
) -> None:
    response = editor.get(f"/api/v1/{prefix}/", {"page": page})
    if page:
        assert answer(response) == (404, "not_found")
    else:
        assert response.status_code == 200


@pytest.mark.parametrize("size", ["0", "-5", "x", "", "1e9", "\x00"])
def test_a_size_that_is_none_gives_the_usual_one(editor: api.JSONClient, size: str) -> None:
    for _row in range(2):
        factories.dataset()
    assert len(editor.get(DATASETS, {"page_size": size}).json()["results"]) == 2


@pytest.mark.parametrize("order", ["-password", "name,,", "\x00", "owner__pk"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_an_order_that_is_not_offered_is_passed_over(
    editor: api.JSONClient, prefix: str, order: str
) -> None:
    assert editor.get(f"/api/v1/{prefix}/", {"ordering": order}).status_code == 200


@pytest.mark.parametrize("search", ["%", "_", "\\", "'", '"', "a" * 5000, "👩‍🔬", "(", " "])
def test_any_search_is_answered(editor: api.JSONClient, search: str) -> None:
    for prefix in ("datasets", "tasks", "templates", "providers"):
        response = editor.get(f"/api/v1/{prefix}/", {"search": search})
        assert (response.status_code, response.json()["count"]) == (200, 0) or search in "_ '("


def test_a_search_with_a_null_is_refused(editor: api.JSONClient) -> None:
    response = editor.get(DATASETS, {"search": "a\x00"})
    assert answer(response) == (400, "invalid")
    assert response.json()["detail"] == "Null characters are not allowed."


# Nobody


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ("Token", "Invalid token header. No credentials provided."),
        ("Token a b", "Invalid token header. Token string should not contain spaces."),
        ("Token \xff", "Invalid token header. Token string should not contain invalid characters."),
        ("Token x", "Invalid token."),
    ],
)
def test_a_token_that_is_none_is_told(header: str, detail: str) -> None:
    client = APIClient(headers={"Authorization": header, "Accept-Language": "en"})
    response = client.get(DATASETS)
    assert answer(response) == (401, "authentication_failed")
    assert response.json()["detail"] == detail


@pytest.mark.parametrize("header", ["Bearer x", "Basic YTpi", "token", "", "x" * 9000])
def test_another_way_to_log_in_is_none(header: str) -> None:
    response = APIClient(headers={"Authorization": header}).get(DATASETS)
    assert response.status_code == 401
