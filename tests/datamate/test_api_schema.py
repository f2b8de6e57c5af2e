from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.utils import translation

pytestmark = pytest.mark.any_database

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"
RENEW = "python manage.py spectacular --validate --fail-on-warn --lang en --file docs/openapi.yaml"


@pytest.fixture(scope="module")
def text():
    """The document, which is refused here already when it is invalid or gives a warning."""
    output = io.StringIO()
    call_command(
        "spectacular", validate=True, fail_on_warn=True, lang="en", stdout=output, file=None
    )
    translation.activate(settings.LANGUAGE_CODE)
    return output.getvalue()


@pytest.fixture(scope="module")
def document(text):
    return yaml.safe_load(text)


def operations(document):
    return [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_document_is_the_one_in_docs(text):
    stored = DOCUMENT.read_text(encoding="utf-8")
    assert stored.strip() == text.strip(), f"The API has changed. Renew its document: {RENEW}"


def test_every_operation_describes_itself(document):
    assert [
        (method, path)
        for method, path, operation in operations(document)
        if not operation.get("description")
    ] == []


def test_every_operation_documents_its_errors(document):
    error = {"$ref": "#/components/schemas/Error"}
    for method, path, operation in operations(document):
        bodies = {
            code: answer["content"]["application/json"]["schema"]
            for code, answer in operation["responses"].items()
            if code >= "400"
        }
        assert {"401", "403", "429"} <= bodies.keys(), (method, path)
        assert all(body == error for body in bodies.values()), (method, path)


def test_error_has_code_detail_and_fields(document):
    error = document["components"]["schemas"]["Error"]
    assert list(error["properties"]) == ["code", "detail", "fields"]
    assert error["required"] == ["code", "detail"]


def test_no_answer_holds_a_key(document):
    schemas = document["components"]["schemas"]
    with_key = {
        name for name, schema in schemas.items() if "api_key" in schema.get("properties", {})
    }
    assert with_key == {"ProviderRequest", "PatchedProviderRequest"}


def test_bounds_of_one_database_are_left_out(text):
    assert not re.search(r"9223372036854775807|2147483648|-2147483648", text)


class TestPages:
    def test_schema_is_served(self, client):
        response = client.get("/api/schema/")
        assert (response.status_code, b"openapi: 3.0" in response.content) == (200, True)

    def test_page_loads_from_this_server_only(self, client):
        html = client.get("/api/docs/").content.decode()
        addresses = re.findall(r'(?:src|href)="([^"]+)"', html)
        assert addresses
        assert [address for address in addresses if "//" in address] == []

    def test_page_finds_its_scripts(self, client):
        html = client.get("/api/docs/").content.decode()
        for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', html):
            response = client.get(address)
            assert (response.status_code, bool(response.getvalue())) == (200, True), address
