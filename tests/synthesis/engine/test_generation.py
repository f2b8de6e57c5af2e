from __future__ import annotations

import json

from providers.clients.types import Reply, Usage
from synthesis.engine.generation import Generation, new_records
from synthesis.models import Batch, Record, Run, TemplateVersion
from synthesis.parsing import Draft

SCHEMA = {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}


def run() -> Run:
    return Run(pk=3, dataset_id=5, category="math", template_version=TemplateVersion(pk=9))


def read(text: str, reason: str = "stop") -> list[Draft]:
    by_schema = run()
    by_schema.template_version.output_schema = SCHEMA
    usage = Usage(prompt_tokens=None, completion_tokens=None)
    reply = Reply(text=text, finish_reason=reason, model="", usage=usage)  # type: ignore[arg-type]
    return Generation().read(by_schema, Batch(), reply)


def test_new_records_know_where_they_come_from() -> None:
    batch = Batch(pk=4, language_model_id=6)
    records = new_records(run(), batch, [Draft({"q": 1}), Draft({"q": 2})])
    places = [(row.dataset_id, row.run_id, row.batch_id, row.language_model_id) for row in records]
    assert places == [(5, 3, 4, 6)] * 2
    assert [(row.position, row.content, row.category) for row in records] == [
        (0, {"q": 1}, "math"),
        (1, {"q": 2}, "math"),
    ]
    assert {row.status for row in records} == {Record.Status.ACCEPTED}


def test_what_could_not_be_read_is_malformed_and_keeps_its_text() -> None:
    drafts = [Draft({"q": 1}, raw="whole"), Draft(None, raw="{brok", problem="truncated")]
    good, bad = new_records(run(), Batch(pk=4), drafts)
    assert (good.status, good.raw, good.findings) == (Record.Status.ACCEPTED, "", [])
    assert (bad.status, bad.raw, bad.content) == (Record.Status.MALFORMED, "{brok", None)
    assert bad.findings == [{"check": "parse", "code": "truncated"}]


def test_no_draft_makes_no_record() -> None:
    assert new_records(run(), Batch(pk=4), []) == []


def test_an_answer_is_read_by_the_templates_schema() -> None:
    assert read(json.dumps({"items": [{"q": "a"}, {"q": "b"}]})) == [
        Draft({"q": "a"}),
        Draft({"q": "b"}),
    ]


def test_a_refusal_is_kept_without_what_no_database_takes() -> None:
    assert read("I can\x00not.", "refused") == [Draft(None, raw="I cannot.", problem="refused")]


def test_an_answer_that_was_cut_says_so() -> None:
    assert [draft.problem for draft in read('[{"q": "a', "length")] == ["truncated"]


def test_records_of_one_item_are_linked_to_it_whatever_became_of_them() -> None:
    drafts = [Draft({"q": 1, "source_item": 9}), Draft(None, raw="{", problem="truncated")]
    records = new_records(run(), Batch(pk=4, items=[7]), drafts)
    assert [row.source_item_id for row in records] == [7, 7]
    assert records[0].content == {"q": 1, "source_item": 9}


def test_records_of_several_items_are_linked_by_their_numbers() -> None:
    drafts = [Draft({"source_item": 2, "q": 1}), Draft({"source_item": 1, "q": 2})]
    records = new_records(run(), Batch(pk=4, items=[7, 8]), drafts)
    assert [(row.source_item_id, row.content) for row in records] == [(8, {"q": 1}), (7, {"q": 2})]


def test_a_record_that_names_no_item_is_malformed() -> None:
    drafts = [Draft({"source_item": 3, "q": "é"}), Draft({"q": 1}), Draft(None, problem="refused")]
    records = new_records(run(), Batch(pk=4, items=[7, 8]), drafts)
    codes = [row.findings[0]["code"] for row in records]
    assert codes == ["no_item", "no_item", "refused"]
    assert {row.status for row in records} == {Record.Status.MALFORMED}
    assert (records[0].raw, records[0].source_item_id) == ('{"q": "é"}', None)
