from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from typing import Any

import jsonschema
import pytest

from tests.providers.calls import LIST_SCHEMA, account, ask, question
from tests.stub_records import RecordMaker, compiled
from tests.stub_vendor import Request, StubVendor

QUESTION = json.dumps({"model": "m", "messages": [{"role": "user", "content": "N_RECORDS=10"}]})
REQUEST = Request("POST", "/v1/chat/completions", {}, QUESTION.encode())


def statuses(vendor: StubVendor, calls: int) -> dict[int, int]:
    """Ask without the network, as fast as it goes."""
    counts: dict[int, int] = {}
    for _ in range(calls):
        vendor.stats.requests += 1
        status = vendor.respond(REQUEST).status
        counts[status] = counts.get(status, 0) + 1
    return counts


def test_faults_come_at_their_rates_and_are_counted() -> None:
    vendor = StubVendor(p429=0.05, p500=0.05, p_malformed=0.05, p_duplicate=0.2)
    counts = statuses(vendor, 4000)
    stats = vendor.stats
    assert (stats.e429, stats.e500, stats.ok) == (counts[429], counts[500], counts[200])
    assert 0.04 < counts[429] / 4000 < 0.06
    assert 0.04 < counts[500] / 4000 < 0.06
    assert stats.records == 10 * stats.ok
    assert 0.045 < stats.malformed / stats.records < 0.055
    assert 0.19 < stats.duplicates / stats.records < 0.21


def test_the_same_seed_gives_the_same_faults() -> None:
    first, again, other = (StubVendor(p429=0.3, seed=seed) for seed in (1, 1, 2))
    sequences = [[statuses(vendor, 1) for _ in range(30)] for vendor in (first, again, other)]
    assert sequences[0] == sequences[1] != sequences[2]


def test_records_that_are_not_meant_to_repeat_do_not() -> None:
    maker = RecordMaker(1)
    text, kinds = maker.answer(None, 2000, 0, 0)
    records = [json.dumps(record) for record in json.loads(text)]
    assert len(set(records)) == 2000
    assert kinds == {"records": 2000, "malformed": 0, "duplicates": 0}


def test_the_count_of_duplicates_is_the_number_of_repeats() -> None:
    text, kinds = RecordMaker(1).answer(None, 2000, 0, 0.2)
    records = [json.dumps(record) for record in json.loads(text)]
    assert len(records) - len(set(records)) == kinds["duplicates"]


@pytest.mark.parametrize(
    "schema",
    [
        LIST_SCHEMA,
        LIST_SCHEMA["properties"]["records"],
        {"type": "object", "required": ["a%s"], "properties": {"a%s": {"type": "string"}}},
        {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["text", "label", "score", "tags", "turns", "either"],
                "properties": {
                    "text": {"type": "string"},
                    "label": {"enum": ["正面", "100%"]},
                    "score": {"type": "integer", "minimum": 5},
                    "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2},
                    "turns": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"role": {"const": "user"}}},
                    },
                    "either": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
                },
            },
        },
    ],
)  # fmt: skip
def test_records_fit_the_schema(schema: Any) -> None:
    text, _kinds = RecordMaker(1).answer(schema, 5, 0, 0)
    jsonschema.validate(json.loads(text), schema)


def test_a_record_alone_is_asked_for_by_an_object_of_several_fields() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
    _frame, _form, slots, is_list = compiled(json.dumps(schema))
    assert (slots, is_list) == (2, False)


def test_malformed_records_break_the_schema() -> None:
    text, kinds = RecordMaker(1).answer(LIST_SCHEMA, 3, 1, 0)
    assert kinds["malformed"] == 3
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(text), LIST_SCHEMA)


def test_what_is_asked_and_answered_twice_is_counted() -> None:
    vendor = StubVendor()
    statuses(vendor, 3)
    assert vendor.stats.repeat_ok == 2


def test_the_first_calls_fail_on_demand() -> None:
    vendor = StubVendor(first_fail=2)
    assert statuses(vendor, 2) == {500: 2}
    assert statuses(vendor, 2) == {200: 2}


def test_a_fixed_failure_heals() -> None:
    vendor = StubVendor()
    vendor.fail_with(402, {"error": "no money"}, Retry_After="1")
    assert vendor.respond(REQUEST).headers == {"Retry-After": "1"}
    vendor.heal()
    assert vendor.respond(REQUEST).status == 200


def test_requests_are_kept_with_header_and_body(stub_vendor: StubVendor) -> None:
    ask(account(stub_vendor), question("N_RECORDS=1"))
    request = stub_vendor.requests[0]
    assert request.json["model"] == "stub-model"
    assert request.headers["authorization"] == "Bearer sk-test"


def fetch(url: str) -> Any:
    with urllib.request.urlopen(url) as response:  # noqa: S310
        return json.load(response)


def test_it_runs_as_a_process_that_is_controlled_by_addresses() -> None:
    command = [sys.executable, "-m", "tests.stub_vendor", "--p500", "1", "--models", "a,b"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert [entry["id"] for entry in fetch(f"{url}/v1/models")["data"]] == ["a", "b"]
            assert fetch(f"{url}/_stub/stats")["requests"] == 0
            fetch(f"{url}/_stub/set?p500=0&latency=0.01&count=3&refuse=1")
            request = urllib.request.Request(  # noqa: S310
                f"{url}/v1/chat/completions", QUESTION.encode()
            )
            with urllib.request.urlopen(request) as response:  # noqa: S310
                assert json.load(response)["choices"][0]["message"]["refusal"]
            assert fetch(f"{url}/_stub/stats")["ok"] == 1
        finally:
            process.terminate()
