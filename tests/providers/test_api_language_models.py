from __future__ import annotations

import pytest

from providers.models import LanguageModel
from tests import api, factories

pytestmark = pytest.mark.django_db

MODELS = "/api/v1/language-models/"


@pytest.fixture
def editor():
    return api.editor()


def address(model):
    return f"{MODELS}{model.pk}/"


class TestCreating:
    def test_needs_a_provider_and_a_name_only(self, editor):
        provider = factories.provider()
        response = editor.post(MODELS, {"provider": provider.pk, "name": "gpt"})
        assert response.status_code == 201
        assert (response.json()["provider_name"], response.json()["context_tokens"]) == (
            provider.name,
            32_768,
        )

    @pytest.mark.parametrize(
        ("change", "field", "sentence"),
        [
            ({"provider": 0}, "provider", "object does not exist"),
            ({"capabilities": ["flying"]}, "capabilities", '"flying" is not a valid choice.'),
            ({"input_price": "-1"}, "input_price", "greater than or equal to 0"),
            ({"input_price": "x"}, "input_price", "A valid number is required."),
            ({"currency": "EUR"}, "currency", '"EUR" is not a valid choice.'),
            ({"default_parameters": {"temperature": 3}}, "default_parameters", "temperature"),
            (
                {"context_tokens": 10, "max_output_tokens": 11},
                "max_output_tokens",
                "The longest answer must fit into the context.",
            ),
        ],
    )
    def test_refuses_what_the_model_refuses(self, editor, change, field, sentence):
        order = {"provider": factories.provider().pk, "name": "gpt"} | change
        response = editor.post(MODELS, order)
        assert (response.status_code, list(response.json()["fields"])) == (400, [field])
        assert sentence in str(response.json()["fields"][field])

    def test_refuses_the_same_model_twice(self, editor):
        model = factories.language_model()
        response = editor.post(MODELS, {"provider": model.provider_id, "name": model.name})
        assert (response.status_code, response.json()["detail"]) == (
            400,
            "Language model with this Provider and Name already exists.",
        )

    def test_as_the_default_one_takes_the_mark_from_the_other(self, editor):
        old = factories.language_model(is_default=True)
        order = {"provider": old.provider_id, "name": "new", "is_default": True}
        assert editor.post(MODELS, order).status_code == 201
        assert LanguageModel.objects.get(is_default=True).name == "new"

    def test_refuses_a_default_one_that_is_disabled(self, editor):
        model = factories.language_model(is_default=True)
        response = editor.patch(address(model), {"is_enabled": False})
        assert response.status_code == 400
        assert "The default model must be enabled." in str(response.json()["fields"])


class TestChanging:
    def test_prices_keeps_them_exact(self, editor):
        model = factories.language_model()
        changed = editor.patch(address(model), {"input_price": "0.150001"}).json()
        assert changed["input_price"] == "0.150001"

    def test_by_put_keeps_what_is_not_said(self, editor):
        model = factories.language_model(label="kept")
        order = {"provider": model.provider_id, "name": "renamed"}
        assert editor.put(address(model), order).json()["label"] == "kept"


class TestTesting:
    def test_tells_that_it_works(self, editor, stub_vendor):
        report = editor.post(f"{address(factories.language_model(stub_vendor.url))}test/").json()
        assert (report["outcome"], report["advice"]) == ("works", "The connection works.")
        assert report["latency_seconds"] > 0

    def test_tells_why_it_fails(self, editor):
        report = editor.post(f"{address(factories.language_model())}test/").json()
        assert (report["outcome"], report["error_code"]) == ("fails", "unreachable")


class TestListing:
    def test_filters_by_provider(self, editor):
        model, _other = factories.language_model(), factories.language_model()
        [found] = editor.get(MODELS, {"provider": model.provider_id}).json()["results"]
        assert found["id"] == model.pk

    def test_asks_the_database_no_more_for_more_rows(self, editor, django_assert_max_num_queries):
        for _row in range(5):
            factories.language_model()
        with django_assert_max_num_queries(4):
            editor.get(MODELS)

    def test_orders_by_price(self, editor):
        for price in (2, 1):
            factories.language_model(input_price=price)
        results = editor.get(MODELS, {"ordering": "input_price"}).json()["results"]
        assert [row["input_price"] for row in results] == ["1.000000", "2.000000"]
