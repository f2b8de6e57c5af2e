from __future__ import annotations

import pytest

from providers.models import LanguageModel, Provider
from tests import api, factories

pytestmark = pytest.mark.django_db

PROVIDERS = "/api/v1/providers/"
KEY = "sk-canary-1234567890abcd"


@pytest.fixture
def editor():
    return api.editor()


def address(provider):
    return f"{PROVIDERS}{provider.pk}/"


class TestCreating:
    def test_needs_a_name_and_a_vendor_only(self, editor):
        response = editor.post(PROVIDERS, {"name": "Mine", "vendor": "openai"})
        assert (response.status_code, response.json()["base_url"]) == (201, "")

    def test_stores_the_key_sealed(self, editor):
        editor.post(PROVIDERS, {"name": "Mine", "vendor": "openai", "api_key": KEY})
        stored = Provider.objects.get()
        assert KEY not in stored.sealed_key
        assert stored.account().api_key == KEY

    def test_reads_the_key_from_a_variable(self, editor, monkeypatch):
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        order = {"name": "Mine", "vendor": "openai", "api_key": "env:OPENAI_API_KEY"}
        assert editor.post(PROVIDERS, order).json()["key_hint"] == "env:OPENAI_API_KEY"
        assert Provider.objects.get().account().api_key == KEY

    @pytest.mark.parametrize(
        ("change", "field", "sentence"),
        [
            ({"vendor": "nobody"}, "vendor", '"nobody" is not a valid choice.'),
            ({"name": ""}, "name", "This field may not be blank."),
            ({"timeout_seconds": 301}, "timeout_seconds", "less than or equal to 300"),
            ({"max_concurrency": 0}, "max_concurrency", "greater than or equal to 1"),
            ({"extra_headers": ["a"]}, "extra_headers", "Expected a dictionary"),
            ({"vendor": "compatible"}, "base_url", ""),
            ({"base_url": "ftp://example.test"}, "base_url", ""),
            ({"api_key": "“sk-secret-0123456789”"}, "api_key", "cannot be sent in a header"),
            (
                {"api_key": "env:DATAMATE_SECRET_KEY"},
                "api_key",
                "Only environment variables that end in _API_KEY may hold a key.",
            ),
        ],
    )
    def test_refuses_what_the_model_refuses(self, editor, change, field, sentence):
        response = editor.post(PROVIDERS, {"name": "Mine", "vendor": "openai"} | change)
        assert (response.status_code, list(response.json()["fields"])) == (400, [field])
        assert sentence in str(response.json()["fields"][field])

    def test_refuses_a_name_that_is_taken(self, editor):
        order = {"name": factories.provider().name, "vendor": "openai"}
        assert editor.post(PROVIDERS, order).json()["fields"] == {
            "name": ["Provider with this Name already exists."]
        }


class TestKeys:
    def test_are_never_shown(self, editor):
        created = editor.post(PROVIDERS, {"name": "M", "vendor": "openai", "api_key": KEY})
        provider = Provider.objects.get()
        answers = [created, editor.get(PROVIDERS), editor.get(address(provider))]
        answers.append(editor.patch(address(provider), {"name": "N"}))
        answers.append(editor.get(address(provider), {"format": "api"}))
        for answer in answers:
            assert KEY not in answer.content.decode()
            assert provider.sealed_key not in answer.content.decode()

    def test_show_their_last_characters(self, editor):
        created = editor.post(PROVIDERS, {"name": "M", "vendor": "openai", "api_key": KEY}).json()
        assert created["key_hint"] == "…abcd"

    def test_stay_when_something_else_changes(self, editor):
        provider = factories.provider()
        editor.patch(address(provider), {"timeout_seconds": 9})
        provider.refresh_from_db()
        assert (provider.timeout_seconds, provider.account().api_key) == (9, "sk-test-0123456789")

    def test_are_forgotten_by_an_empty_text(self, editor):
        provider = factories.provider()
        assert editor.patch(address(provider), {"api_key": ""}).json()["key_hint"] == ""
        provider.refresh_from_db()
        assert provider.sealed_key == ""

    @pytest.mark.parametrize("field", ["key_hint", "sealed_key", "uid"])
    def test_cannot_be_set_by_the_back_door(self, editor, field):
        provider = factories.provider()
        before = Provider.objects.values().get()
        editor.patch(address(provider), {field: "v1:0:forged"})
        after = Provider.objects.values().get()
        assert {name for name in after if after[name] != before[name]} == {"updated_at"}


class TestChangingTheAddress:
    def test_demands_the_key_again(self, editor):
        provider = factories.provider()
        response = editor.patch(address(provider), {"base_url": "http://127.0.0.1:8/v1"})
        assert response.status_code == 400
        assert response.json()["fields"] == {
            "base_url": [
                "The stored API key was given for the old address. Enter the key again together"
                " with the new vendor or address, or remove the key first."
            ]
        }

    def test_of_another_vendor_demands_the_key_again(self, editor):
        response = editor.patch(address(factories.provider()), {"vendor": "vllm"})
        assert response.status_code == 400

    def test_is_possible_with_the_key(self, editor):
        provider = factories.provider()
        change = {"base_url": "http://127.0.0.1:8/v1", "api_key": KEY}
        assert editor.patch(address(provider), change).status_code == 200

    def test_is_possible_without_a_key_when_the_old_one_is_given_up(self, editor):
        provider = factories.provider()
        change = {"base_url": "http://127.0.0.1:8/v1", "api_key": ""}
        assert editor.patch(address(provider), change).json()["key_hint"] == ""


class TestDeleting:
    def test_takes_the_models_along(self, editor):
        model = factories.language_model()
        assert editor.delete(address(model.provider)).status_code == 204
        assert not LanguageModel.objects.exists()

    def test_is_refused_while_a_task_uses_a_model(self, editor):
        task = factories.task()
        provider = task.task_models.get().language_model.provider
        response = editor.delete(address(provider))
        assert (response.status_code, response.json()) == (
            409,
            {
                "code": "in_use",
                "detail": "It is still used by models of the mix. Delete those first.",
            },
        )


class TestTesting:
    def test_tells_the_models_that_the_vendor_has(self, editor, stub_vendor):
        report = editor.post(f"{address(factories.provider(stub_vendor.url))}test/").json()
        assert (report["outcome"], report["error_code"]) == ("works", "")

    def test_tells_why_it_fails(self, editor):
        response = editor.post(f"{address(factories.provider())}test/")
        assert (response.status_code, response.json()["outcome"]) == (200, "fails")
        assert response.json()["error_code"] == "unreachable"
        assert response.json()["advice"].startswith("The address cannot be reached.")

    def test_answers_404_for_no_provider(self, editor):
        assert editor.post(f"{PROVIDERS}404/test/").status_code == 404


class TestListing:
    def test_filters_and_searches(self, editor):
        factories.provider(name="one", vendor="vllm")
        factories.provider(name="two")
        for query in ({"vendor": "vllm"}, {"search": "one"}):
            [found] = editor.get(PROVIDERS, query).json()["results"]
            assert found["name"] == "one"

    def test_gives_pages_of_the_size_asked(self, editor):
        for _row in range(3):
            factories.provider()
        page = editor.get(PROVIDERS, {"page_size": 2}).json()
        assert (page["count"], len(page["results"]), page["previous"]) == (3, 2, None)
        assert editor.get(page["next"]).json()["next"] is None

    def test_never_gives_more_than_200_rows(self, editor):
        Provider.objects.bulk_create(Provider(name=f"{n}", vendor="vllm") for n in range(201))
        assert len(editor.get(PROVIDERS, {"page_size": 1000}).json()["results"]) == 200

    def test_answers_404_for_a_page_that_is_not_there(self, editor):
        response = editor.get(PROVIDERS, {"page": 2})
        assert (response.status_code, response.json()) == (
            404,
            {"code": "not_found", "detail": "Invalid page."},
        )

    def test_asks_the_database_no_more_for_more_rows(self, editor, django_assert_max_num_queries):
        for _row in range(5):
            factories.provider()
        with django_assert_max_num_queries(4):
            editor.get(PROVIDERS)
