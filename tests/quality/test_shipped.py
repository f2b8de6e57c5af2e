"""What ships is shown in the reader's language, whichever language the installation has."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import translation

from quality import findings, rule_starters, starters
from quality.models import ContentRule, QualityPolicy

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def installed():
    with translation.override("zh-hans"):
        rule_starters.add()
        starters.add()


def test_names_are_stored_in_english_and_shown_in_chinese():
    policy, rule = (
        QualityPolicy.objects.get(code="strict"),
        ContentRule.objects.get(code="refusals"),
    )
    assert (policy.name, rule.name) == ("Strict", "Refusals")
    assert (str(policy), str(rule)) == ("Strict", "Refusals")
    with translation.override("zh-hans"):
        assert (str(policy), str(rule)) == ("严格", "拒答")
        assert str(policy.latest_version) == "严格 v1"
        assert rule.shown_description.startswith("模型拒绝生成")


def test_are_added_once_whatever_the_language():
    with translation.override("en"):
        assert (starters.add(), rule_starters.add()) == (0, 0)


def test_a_name_that_a_user_gave_stays():
    own = QualityPolicy.objects.create(name="Records", description="Records")
    renamed = QualityPolicy.objects.get(code="loose")
    renamed.name = "For drafts"
    with translation.override("zh-hans"):
        assert (str(own), own.shown_description, str(renamed)) == (
            "Records",
            "Records",
            "For drafts",
        )


def test_a_description_that_was_emptied_stays_empty():
    assert QualityPolicy(code="loose", name="", description="").shown_description == ""


def test_a_finding_names_the_rule_in_the_readers_language():
    found = {"check": "content", "code": "words", "field": "a", "value": "b"}
    with translation.override("zh-hans"):
        assert "“mine”" in findings.sentence({**found, "rule_name": "mine"})
        assert "“敏感词（英文）”" in findings.sentence(
            {**found, "rule_name": "Sensitive words (English)"}
        )


@pytest.mark.any_database
def test_pages_speak_chinese(admin_client):
    policy = QualityPolicy.objects.get(code="standard")
    for url in (
        reverse("admin:quality_qualitypolicy_changelist"),
        reverse("admin:quality_contentrule_changelist"),
        reverse("admin:quality_qualitypolicy_change", args=[policy.pk]),
    ):
        page = admin_client.get(url, headers={"accept-language": "zh-hans"}).content.decode()
        assert any(name in page for name in ("宽松", "敏感词（英文）"))
        assert not any(name in page for name in ("Loose", "Sensitive words"))
