"""Requests to the quality endpoints that ask for what is not there, or for too much."""

from __future__ import annotations

from typing import Any

import pytest

from quality.models import Deduplication, Evaluation, PolicyCheck
from tests import api, factories
from tests.quality.policy_checks import checked

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ROUTES = [
    "quality-policies",
    "policy-checks",
    "content-rules",
    "rubrics",
    "judgements",
    "evaluations",
    "deduplications",
]
ORDERS = ["policy-checks", "evaluations", "deduplications"]
COMMANDS = [
    ("policy-checks", "apply"),
    ("policy-checks", "undo"),
    ("policy-checks", "cancel"),
    ("deduplications", "apply"),
    ("deduplications", "undo"),
    ("deduplications", "cancel"),
    ("evaluations", "cancel"),
]
ODD_NUMBERS = ["0", "-1", "x", "1.0", "%00", "9223372036854775808", "9" * 40, "١", "１"]


def url(route: str, *parts: Any) -> str:
    return "/api/v1/" + "".join(f"{part}/" for part in (route, *parts))


def order(route: str) -> Any:
    """Store an order of this kind, whose job nobody has begun."""
    dataset = factories.dataset()
    if route == "evaluations":
        return Evaluation.start(dataset)
    if route == "deduplications":
        return Deduplication.start(dataset)
    check = PolicyCheck(dataset=dataset, version=checked.policy().latest_version)
    check.begin()
    return check


@pytest.mark.parametrize("route", ROUTES)
class TestEveryEndpoint:
    def test_lists_nothing_where_there_is_nothing(self, route: str) -> None:
        answer = api.client("view").get(url(route))
        assert (answer.status_code, answer.json()["results"]) == (200, [])

    def test_is_closed_to_strangers(self, route: str) -> None:
        answer = api.JSONClient().get(url(route))
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")

    def test_is_closed_to_those_without_a_right_to_look(self, route: str) -> None:
        answer = api.client().get(url(route))
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")

    def test_a_right_to_add_is_none_to_look(self, route: str) -> None:
        assert api.client("add").get(url(route)).status_code == 403

    @pytest.mark.parametrize("number", ODD_NUMBERS)
    def test_knows_no_row_of_an_odd_number(self, route: str, number: str) -> None:
        answer = api.editor().get(url(route, number))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    def test_says_in_chinese_what_is_not_there(self, route: str) -> None:
        answer = api.editor(**{"accept-language": "zh-hans"}).get(url(route, 0))
        assert not answer.json()["detail"].isascii()

    def test_a_look_writes_nothing(self, route: str) -> None:
        assert api.client("view").post(url(route), {}).status_code in (403, 405)

    @pytest.mark.parametrize("query", ["?page=0", "?page=x", "?ordering=password", "?odd=1"])
    def test_an_odd_query_is_answered_or_refused(self, route: str, query: str) -> None:
        answer = api.client("view").get(f"{url(route)}{query}")
        assert answer.status_code in (200, 400, 404)
        assert "code" in answer.json() or "results" in answer.json()


@pytest.mark.parametrize(("route", "command"), COMMANDS)
class TestCommands:
    def test_are_not_for_those_who_only_look(self, route: str, command: str) -> None:
        found = order(route)
        answer = api.client("view").post(url(route, found.pk, command))
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")

    def test_are_posted(self, route: str, command: str) -> None:
        answer = api.editor().get(url(route, order(route).pk, command))
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")

    @pytest.mark.parametrize("number", ["0", "x", "9" * 40])
    def test_of_a_row_that_is_not_there(self, route: str, command: str, number: str) -> None:
        assert api.editor().post(url(route, number, command)).status_code == 404


@pytest.mark.parametrize("route", ORDERS)
class TestOrders:
    def test_cancelling_twice_is_refused(self, route: str) -> None:
        client, address = api.editor(), url(route, order(route).pk, "cancel")
        assert client.post(address).json()["status"] == "cancelled"
        again = client.post(address)
        assert (again.status_code, again.json()["code"]) == (409, "wrong_state")

    @pytest.mark.parametrize("method", ["put", "patch"])
    def test_are_never_changed(self, route: str, method: str) -> None:
        answer = getattr(api.editor(), method)(url(route, order(route).pk), {})
        assert answer.status_code == 405

    def test_name_who_asked(self, route: str) -> None:
        body: dict[str, Any] = {"dataset": factories.dataset().pk}
        if route == "policy-checks":
            body["policy"] = checked.policy().pk
        user = api.user(*api.VERBS)
        client = api.JSONClient()
        client.force_authenticate(user)
        assert client.post(url(route), body).json()["created_by"] == user.username

    @pytest.mark.parametrize(
        ("dataset", "english"),
        [
            (None, "This field may not be null."),
            ("x", "Incorrect type. Expected pk value, received str."),
            ([], "Incorrect type. Expected pk value, received list."),
            (True, "Incorrect type. Expected pk value, received bool."),
            (0, 'Invalid pk "0" - object does not exist.'),
        ],
        ids=["null", "text", "list", "true", "unknown"],
    )
    def test_need_a_dataset(self, route: str, dataset: Any, english: str) -> None:
        body = {"dataset": dataset, "policy": checked.policy().pk}
        answer = api.editor().post(url(route), body)
        assert answer.status_code == 400
        assert answer.json()["fields"]["dataset"] == [english]
        chinese = api.editor(**{"accept-language": "zh-hans"}).post(url(route), body)
        assert not chinese.json()["fields"]["dataset"][0].isascii()

    def test_deleting_one_takes_its_place_in_the_list(self, route: str) -> None:
        client, first = api.editor(), order(route)
        second = order(route)
        assert client.delete(url(route, first.pk)).status_code == 204
        rows = client.get(url(route)).json()["results"]
        assert [row["id"] for row in rows] == [second.pk]

    def test_deleting_asks_for_its_right(self, route: str) -> None:
        address = url(route, order(route).pk)
        assert api.client("view", "change").delete(address).status_code == 403

    def test_are_found_by_their_dataset_s_name(self, route: str) -> None:
        wanted, _other = order(route), order(route)
        type(wanted.dataset).objects.filter(pk=wanted.dataset_id).update(name="茶 & 100%_'")
        rows = api.client("view").get(url(route), {"search": "100%_'"}).json()["results"]
        assert [row["id"] for row in rows] == [wanted.pk]


class TestSamplesOfAPolicyCheck:
    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({}, "before"),
            ({"before": "accepted"}, "after"),
            ({"before": "odd", "after": "accepted"}, "before"),
            ({"before": "accepted", "after": ""}, "after"),
            ({"before": "accepted", "after": "rejected", "reason": "a\x00b"}, "reason"),
        ],
        ids=["nothing", "half", "odd", "empty", "NUL"],
    )
    def test_say_which_question_makes_no_sense(self, query: dict[str, str], field: str) -> None:
        check = order("policy-checks")
        answer = api.client("view").get(url("policy-checks", check.pk, "samples"), query)
        assert answer.status_code == 400
        assert field in answer.json()["fields"]

    def test_of_a_move_that_nothing_makes_are_none(self) -> None:
        check = order("policy-checks")
        query = {"before": "accepted", "after": "rejected"}
        answer = api.client("view").get(url("policy-checks", check.pk, "samples"), query)
        assert (answer.status_code, answer.json()) == (200, [])


class TestPolicyCheckOrders:
    @pytest.mark.parametrize(
        ("version", "sentence"),
        [
            (0, "Ensure this value is greater than or equal to 1."),
            (2, "There is no such version."),
            (10**30, None),
            ("one", "A valid integer is required."),
            (1.5, "A valid integer is required."),
        ],
        ids=["zero", "later", "larger than a database takes", "a word", "a half"],
    )
    def test_refuse_a_version_that_never_was(self, version: Any, sentence: str | None) -> None:
        body = {"dataset": factories.dataset().pk, "policy": checked.policy().pk}
        answer = api.editor().post(url("policy-checks"), {**body, "version": version})
        assert answer.status_code == 400
        if sentence:
            assert answer.json()["fields"] == {"version": [sentence]}
        assert not PolicyCheck.objects.exists()

    def test_another_policy_s_version_is_not_taken(self) -> None:
        first, second = checked.policy(), checked.policy()
        first.min_characters = 3
        first.save()
        body = {"dataset": factories.dataset().pk, "policy": second.pk, "version": 2}
        assert api.editor().post(url("policy-checks"), body).status_code == 400

    @pytest.mark.parametrize("field", ["stage", "status", "report", "job", "created_by"])
    def test_nobody_sets_what_the_work_will_tell(self, field: str) -> None:
        body = {"dataset": factories.dataset().pk, "policy": checked.policy().pk, field: 7}
        answer = api.editor().post(url("policy-checks"), body)
        assert answer.json().get(field) != 7
        assert PolicyCheck.objects.get().state == "waiting"


class TestDeduplicationOrders:
    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"threshold": "nan"}, "threshold"),
            ({"threshold": "inf"}, "threshold"),
            ({"threshold": 0.29}, "threshold"),
            ({"threshold": 1.01}, "threshold"),
            ({"keep": "worst"}, "keep"),
            ({"keep": None}, "keep"),
            ({"compared_fields": "text"}, "compared_fields"),
            ({"compared_fields": None}, "compared_fields"),
            ({"compared_fields": [[]]}, "compared_fields"),
            ({"compared_fields": [""]}, "compared_fields"),
        ],
        ids=repr,
    )
    def test_refuse(self, fields: dict[str, Any], field: str) -> None:
        body = {"dataset": factories.dataset().pk, **fields}
        answer = api.editor().post(url("deduplications"), body)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
        assert not Deduplication.objects.exists()


class TestJudgementFilters:
    @pytest.mark.parametrize("name", ["min_score", "max_score"])
    @pytest.mark.parametrize("value", ["nan", "inf", "x", "1e999", "--1"])
    def test_refuse_what_is_no_number(self, name: str, value: str) -> None:
        answer = api.client("view").get(url("judgements"), {name: value})
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [name])

    @pytest.mark.parametrize("name", ["record", "run", "rubric_version", "language_model"])
    @pytest.mark.parametrize("value", ["x", "9" * 40, "-1"])
    def test_refuse_or_find_nothing(self, name: str, value: str) -> None:
        answer = api.client("view").get(url("judgements"), {name: value})
        assert answer.status_code in (200, 400)
        assert answer.json().get("results", []) == []
