from __future__ import annotations

import io
import re
import socket

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command
from django.utils import translation

from providers import local
from providers.models import LanguageModel, Provider
from synthesis import starters
from synthesis.models import PromptTemplate, Run, SynthesisTask, TemplateVersion
from tests import factories

pytestmark = pytest.mark.django_db


def set_up():
    output = io.StringIO()
    call_command("quickstart", "--no-serve", stdout=output)
    return output.getvalue()


def refused(**options):
    with pytest.raises(CommandError) as caught:
        call_command("quickstart", stdout=io.StringIO(), **options)
    return caught.value


class TestUser:
    def test_is_an_administrator_with_the_printed_password(self):
        password = re.search(r"Password  (\S+) \(shown only now\)", set_up()).group(1)
        assert authenticate(username="admin", password=password).is_superuser

    def test_has_another_password_in_every_installation(self):
        first = set_up()
        get_user_model().objects.all().delete()
        assert first not in set_up()

    def test_is_not_made_twice_and_the_password_stays_secret(self):
        set_up()
        again = set_up()
        assert "shown only now" not in again
        assert "manage.py changepassword admin" in again
        assert get_user_model().objects.count() == 1

    def test_is_not_made_where_an_administrator_is(self):
        get_user_model().objects.create_superuser("lin")
        assert "changepassword lin" in set_up()
        assert get_user_model().objects.count() == 1

    def test_gets_another_name_where_somebody_is_called_admin(self):
        get_user_model().objects.create_user("admin")
        assert "User      admin2" in set_up()


class TestModel:
    def test_is_the_built_in_one_and_the_default(self):
        set_up()
        model = LanguageModel.objects.default()
        assert model.provider.vendor == "local"
        assert model.name == local.description().name
        assert model.can("json_schema")
        assert model.cost(1000, 1000) == 0

    def test_of_another_file_takes_the_place_of_the_one_before(self):
        set_up()
        LanguageModel.objects.update(name="the file before")
        set_up()
        assert LanguageModel.objects.default().name == local.description().name

    def test_leaves_another_default_alone(self):
        mine = factories.language_model(is_default=True)
        set_up()
        assert LanguageModel.objects.default() == mine

    def test_is_not_made_twice_nor_enabled_again(self):
        set_up()
        LanguageModel.objects.update(is_enabled=False, is_default=False)
        set_up()
        assert not LanguageModel.objects.get().is_enabled
        assert Provider.objects.count() == 1

    def test_may_be_missing_on_a_platform(self, monkeypatch):
        monkeypatch.setattr(local, "is_available", lambda: False)
        words = set_up()
        assert "The built-in model is not available here; add a provider of your own." in words
        assert "Sample task: No language model is chosen" in words
        assert SynthesisTask.objects.get().status == "draft"


class TestStarters:
    def test_are_all_there_and_marked(self):
        set_up()
        assert PromptTemplate.objects.filter(is_starter=True).count() == len(starters.load())

    def test_keep_what_the_user_wrote(self):
        set_up()
        mine = PromptTemplate.objects.first()
        mine.prompt = "Mine, about {topic}"
        mine.save()
        versions = TemplateVersion.objects.count()
        set_up()
        mine.refresh_from_db()
        assert mine.prompt == "Mine, about {topic}"
        assert TemplateVersion.objects.count() == versions

    def test_come_back_when_they_are_missing(self):
        set_up()
        PromptTemplate.objects.filter(versions__tasks=None).first().delete()
        assert "Starter templates added: 1" in set_up()


class TestSampleTask:
    def test_is_started_with_five_records(self):
        assert "Task started: “Sample task”, 5 records" in set_up()
        run = Run.objects.get()
        assert (run.task.name, run.target_count, run.status) == ("Sample task", 5, "pending")

    def test_is_not_made_again(self):
        set_up()
        set_up()
        assert Run.objects.count() == 1

    def test_is_not_made_where_tasks_are(self):
        factories.task()
        set_up()
        assert not Run.objects.exists()

    def test_is_called_in_the_language_of_the_installation(self):
        with translation.override("zh-hans"):
            set_up()
            assert SynthesisTask.objects.get().name == translation.gettext("Sample task")


class TestPlace:
    @pytest.mark.parametrize("port", ["0", "65536", "eight", "-1", "８０"])
    def test_refuses_what_is_no_port(self, port):
        error = refused(port=port)
        assert str(error) == f"PORT is “{port}”; it must be a number from 1 to 65535."
        assert error.returncode == 2

    def test_says_what_to_do_when_the_port_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            assert str(refused(port=port)) == (
                f"127.0.0.1:{port} cannot be used: Address already in use. Stop the program"
                f" that uses it, or choose another port: PORT={port + 1} make run"
            )
        assert not get_user_model().objects.exists()
