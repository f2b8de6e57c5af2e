"""A key that must not be seen anywhere but in the one header that it is for."""

from __future__ import annotations

import json
import logging
import traceback

import pytest
from django.core import serializers
from django.db import connection
from django.forms.models import model_to_dict

from providers.clients import open_client
from providers.clients.types import Family
from providers.connection import check_model
from providers.errors import ProviderError
from providers.models import LanguageModel, Provider
from tests.providers.calls import account, send
from tests.stub_vendor import StubVendor

CANARY = "sk-canary-7d1f0c5e9a3b"
FAMILIES: list[Family] = ["openai", "anthropic"]


@pytest.fixture
def provider(db: None, stub_vendor: StubVendor) -> Provider:
    provider = Provider(name="Team", vendor="compatible", base_url=stub_vendor.openai_url)
    provider.set_key(CANARY)
    provider.save()
    return provider


def test_it_is_in_no_column_of_the_database(provider: Provider) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM providers_provider")
        assert CANARY not in repr(cursor.fetchall())


def test_it_is_in_no_dump_and_no_representation(provider: Provider) -> None:
    seen = [
        serializers.serialize("json", Provider.objects.all()),
        repr(provider),
        str(provider),
        repr(vars(provider)),
        repr(model_to_dict(provider)),
        repr(provider.account()),
        str(provider.account()),
        repr(open_client(provider.account())),
    ]
    assert CANARY not in " ".join(seen)


@pytest.mark.parametrize("family", FAMILIES)
def test_it_goes_out_in_one_header_only(family: Family, stub_vendor: StubVendor) -> None:
    send(account(stub_vendor, family, api_key=CANARY))
    request = stub_vendor.requests[0]
    carrying = [name for name, value in request.headers.items() if CANARY in value]
    assert carrying == ["authorization"]
    assert CANARY not in request.path
    assert CANARY.encode() not in request.body


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_no_error_and_no_log_repeats_what_the_vendor_repeats(
    status: int, family: Family, stub_vendor: StubVendor, caplog: pytest.LogCaptureFixture
) -> None:
    words = f"Bad key {CANARY} in Bearer {CANARY}"
    stub_vendor.fail_with(status, {"error": {"message": words, "code": words}})
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ProviderError) as caught:
        send(account(stub_vendor, family, api_key=CANARY))
    printed = "".join(traceback.format_exception(caught.value))
    assert CANARY not in printed + caplog.text + repr(vars(caught.value))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "behaviour", [{}, {"hang": True}, {"truncate": True}, {"huge_bytes": 17_000_000}]
)
def test_no_log_shows_it_whatever_happens(
    behaviour: dict[str, object],
    family: Family,
    stub_vendor: StubVendor,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stub_vendor.set(**behaviour)
    caplog.set_level(logging.DEBUG)
    try:
        send(account(stub_vendor, family, api_key=CANARY, timeout_seconds=0.5))
    except ProviderError:
        logging.getLogger(__name__).exception("The call failed")
    assert CANARY not in caplog.text


def test_a_connection_report_does_not_show_it(provider: Provider, stub_vendor: StubVendor) -> None:
    stub_vendor.fail_with(401, {"error": {"message": f"Wrong key: {CANARY}"}})
    model = LanguageModel.objects.create(provider=provider, name="m")
    report = check_model(model)
    assert report.detail == "HTTP 401: Wrong key: [key]"
    assert CANARY not in json.dumps(vars(report), default=str)
