"""What the forms of the admin take and refuse, without their pages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from quality.admin.bulk import OrderForm, ProgressForm
from quality.admin.content_rule_form import ContentRuleForm
from quality.admin.policy_form import PolicyForm
from quality.admin.rubric_form import RubricForm
from quality.models import ContentRule, QualityPolicy
from tests.factories import dimension

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

REASON = "Say why: whoever mends the template needs to know."


def errors(form: Any) -> dict[str, list[str]]:
    return {name: list(found) for name, found in form.errors.items()}


class TestOrders:
    @pytest.mark.parametrize(
        ("fields", "note"),
        [
            ({"action": "rejected", "note": " Not true. "}, "Not true."),
            ({"action": "rejected", "quick": "Wrong"}, "Wrong"),
            ({"action": "rejected", "note": "Mine", "quick": "Wrong"}, "Mine"),
            ({"action": "approved"}, ""),
            ({"action": "reset", "note": "Again."}, "Again."),
        ],
    )
    def test_say_what_to_do_and_why(self, fields, note):
        form = OrderForm(fields)
        assert form.is_valid()
        order = form.order(None)
        assert (order.action, order.note, order.assignee) == (fields["action"], note, None)

    @pytest.mark.parametrize(
        ("fields", "english", "chinese"),
        [
            ({"action": "rejected"}, REASON, "请填写原因：改进模板的人需要知道。"),
            ({"action": "rejected", "note": " \u3000\n"}, REASON, None),
            ({"action": "rejected", "quick": " "}, REASON, None),
            (
                {"action": "tea"},
                "Select a valid choice. tea is not one of the available choices.",
                "选择一个有效的选项。 tea 不在可用的选项中。",
            ),
            ({}, "This field is required.", "该字段是必填项。"),
            (
                {"action": "edited"},
                "Select a valid choice. edited is not one of the available choices.",
                None,
            ),
            (
                {"action": "assigned", "assignee": "0"},
                "Select a valid choice. That choice is not one of the available choices.",
                None,
            ),
            (
                {"action": "assigned", "assignee": str(10**30)},
                "Select a valid choice. That choice is not one of the available choices.",
                None,
            ),
        ],
    )
    def test_are_refused_in_words(self, fields, english, chinese):
        assert OrderForm(fields).sentence == english
        with translation.override("zh-hans"):
            sentence = OrderForm(fields).sentence
        assert sentence == chinese if chinese else not sentence.isascii()

    def test_are_for_reviewers_only(self):
        stranger, admin = User.objects.create_user("a"), User.objects.create_superuser("b")
        forms = [
            OrderForm({"action": "assigned", "assignee": user.pk}) for user in (stranger, admin)
        ]
        assert [form.is_valid() for form in forms] == [False, True]

    @pytest.mark.parametrize("name", list(ProgressForm.base_fields))
    @pytest.mark.parametrize("value", ["", "-1", "1.5", "tea", "五"])
    def test_go_on_only_from_where_they_were(self, name, value):
        known = dict.fromkeys(ProgressForm.base_fields, "3")
        assert ProgressForm(known).is_valid()
        assert list(ProgressForm({**known, name: value}).errors) == [name]


class TestContentRules:
    def form(self, data: bytes = b"", name: str = "words.txt", **fields: Any) -> ContentRuleForm:
        given = {"name": "Mine", "kind": "words", "default_action": "flag", **fields}
        files = {"word_file": SimpleUploadedFile(name, data)} if data else {}
        return ContentRuleForm(given, files, instance=fields.get("instance"))

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            pytest.param({"words": "a\nb"}, "a\nb", id="typed"),
            pytest.param({"words": "a\r\n\r\n A \r\nb"}, "a\nb", id="typed twice"),
            pytest.param({"data": b"a\nb"}, "a\nb", id="uploaded"),
            pytest.param({"words": "a", "data": b"b\nA"}, "a\nb", id="both"),
            pytest.param({"data": "赌博".encode("gbk")}, "赌博", id="in a Chinese encoding"),
            pytest.param({"data": b"a,1\nb,2", "name": "w.csv"}, "a\nb", id="a table"),
            pytest.param({"data": "\ufeffa".encode()}, "a", id="with a mark"),
            pytest.param(
                {"words": "a", "data": b"b", "replace_words": "on"}, "b", id="in place of"
            ),
        ],
    )
    def test_are_made_of_words(self, fields, words):
        given = {key: value for key, value in fields.items() if key not in ("data", "name")}
        form = self.form(fields.get("data", b""), fields.get("name", "words.txt"), **given)
        assert errors(form) == {}
        assert form.save().words == words

    @pytest.mark.parametrize(
        ("fields", "found"),
        [
            pytest.param(
                {"words": " \n"},
                {"words": ["The word list is empty. Write one word a line."]},
                id="no word",
            ),
            pytest.param(
                {"words": "x" * 101},
                {"words": [f"“{'x' * 30}…” is longer than 100 characters. Write one word a line."]},
                id="a word without end",
            ),
            pytest.param(
                {"kind": "expression", "expression": "("},
                {"expression": ["The expression cannot be read: missing ) at position 1"]},
                id="no expression",
            ),
            pytest.param(
                {"kind": "personal"},
                {"data_types": ["Choose what to look for."]},
                id="nothing to look for",
            ),
            pytest.param(
                {"kind": "leakage", "default_action": "mask"},
                {"default_action": ["What this kind of rule finds cannot be masked."]},
                id="nothing to mask",
            ),
        ],
    )
    def test_are_refused_in_words(self, fields, found):
        assert errors(self.form(**fields)) == found

    @pytest.mark.parametrize(
        "kind", ["refusal", "ai_speak", "placeholder", "leakage", "url", "language", "repetition"]
    )
    def test_of_other_kinds_need_nothing_and_keep_no_words(self, kind):
        form = self.form(kind=kind, words="fool", expression="x")
        assert errors(form) == {}
        row = form.save()
        assert (row.words, row.expression, row.words_count) == ("", "", 0)

    def test_keep_the_name_to_themselves(self):
        ContentRule.objects.create(name="Mine", words="fool")
        assert list(errors(self.form(words="x"))) == ["name"]


class TestRubrics:
    def form(self, dimensions: Any, **fields: Any) -> RubricForm:
        text = dimensions if isinstance(dimensions, str) else json.dumps(dimensions)
        return RubricForm({"name": "Mine", "dimensions": text, **fields})

    def test_are_taken_as_json(self):
        rubric = self.form([dimension("Truth")]).save()
        assert rubric.latest_version.dimensions[0]["name"] == "Truth"

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("[", id="cut off"),
            pytest.param("{}", id="an object"),
            pytest.param('"Truth"', id="a text"),
            pytest.param("[1]", id="numbers"),
            pytest.param("[NaN]", id="no number"),
            pytest.param('[{"name": "a", "weight": 1e999}]', id="infinite"),
            pytest.param("[" * 5000, id="nested without end"),
            pytest.param('[{"name": "a", "levels": ' + '{"1": ' * 500 + "1" + "}" * 500 + "}]",
                id="levels in levels"),
            pytest.param("", id="nothing"),
            pytest.param("[]", id="an empty list"),
            pytest.param("正确性", id="prose"),
        ],
    )  # fmt: skip
    def test_are_refused_once_and_in_words(self, text):
        form = self.form(text)
        assert list(form.errors) == ["dimensions"]
        assert len(form.errors["dimensions"]) == len(set(form.errors["dimensions"]))
        with translation.override("zh-hans"):
            assert not "".join(map(str, self.form(text).errors["dimensions"])).isascii()


class TestPolicies:
    def form(self, **fields: Any) -> PolicyForm:
        blank = PolicyForm(instance=QualityPolicy())
        known = {
            name: value
            for name, value in ((name, blank.get_initial_for_field(field, name))
                for name, field in blank.fields.items())
            if value is not None and value is not False
        }  # fmt: skip
        return PolicyForm({**known, "name": "Mine", **fields}, instance=QualityPolicy())

    def test_take_the_usual_values(self):
        form = self.form()
        assert errors(form) == {}
        policy = form.save()
        assert (policy.weights, policy.rules, policy.latest_version.number) == ({}, [], 1)

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"minimum_score": "101"}, "minimum_score"),
            ({"minimum_score": "nan"}, "minimum_score"),
            ({"minimum_score": "五十"}, "minimum_score"),
            ({"duplicate_threshold": "0.2"}, "duplicate_threshold"),
            ({"duplicate_threshold": "inf"}, "duplicate_threshold"),
            ({"judge_share": "0"}, "judge_share"),
            ({"judge_share": "12.5"}, "judge_share"),
            ({"judge_disagreement": "101"}, "judge_disagreement"),
            ({"records_per_judge_call": "21"}, "records_per_judge_call"),
            ({"repair_rounds": "2"}, "repair_rounds"),
            ({"min_characters": "-1"}, "min_characters"),
            ({"min_characters": "5", "max_characters": "4"}, "max_characters"),
            ({"judge_model": "0"}, "judge_model"),
            ({"weight_length": "-1"}, "weight_length"),
            ({"weight_length": "nan"}, "weight_length"),
            ({"weight_length": "0"}, "__all__"),
            ({"weight_length": "1001"}, "__all__"),
            ({"weight_length": "1e308", "weight_format": "1e308"}, "__all__"),
        ],
    )
    def test_refuse(self, fields, name):
        assert list(self.form(**fields).errors) == [name]

    @pytest.mark.parametrize(
        ("fields", "weights"),
        [
            ({"weight_length": "2"}, {"length": 2.0}),
            ({"weight_length": "0", "weight_format": "0.5"}, {"length": 0.0, "format": 0.5}),
            ({"weight_length": "1000"}, {"length": 1000.0}),
        ],
    )
    def test_take_weights_that_were_given(self, fields, weights):
        assert self.form(**fields).save().weights == weights

    def test_switch_rules_on(self):
        rule = ContentRule.objects.create(name="Words", words="fool")
        form = self.form(**{f"rule_{rule.pk}": "mask"})
        assert form.save().rules == [{"rule": rule.pk, "action": "mask"}]
