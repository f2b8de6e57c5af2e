"""What prompts show of the dataset: records to avoid, and approved ones as examples."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from synthesis.engine import leases, prompting, samples
from synthesis.engine.samples import APPROVED, AVOID
from synthesis.models import Batch, Dataset, Record, Run, TemplateVersion
from synthesis.steps import part
from tests import factories
from tests.factories import QA_SCHEMA
from tests.synthesis.engine.outcomes import claims, running


def version(**fields: Any) -> TemplateVersion:
    return TemplateVersion(**{"prompt": "Ask {count}", "output_schema": QA_SCHEMA, **fields})


def sent(content: Any, **values: Any) -> list[str]:
    messages = prompting.messages(content, {"count": 1, **values}, instruct=False)
    return [message.content for message in messages]


def test_what_is_to_be_avoided_stands_at_the_end_of_a_prompt_that_does_not_say_it():
    [prompt] = sent(version(), avoid="- Why?\n- How?")
    assert prompt == (
        "Ask 1\n\nThese exist already. Do not repeat or rephrase them, and cover something else:\n"
        "- Why?\n- How?"
    )


def test_it_is_said_in_the_language_of_the_prompt():
    [prompt] = sent(version(prompt="提 {count} 个问题"), avoid="- 为什么？")
    assert prompt.endswith("以下内容已经存在，请不要重复或改写，换一些不同的内容：\n- 为什么？")


@pytest.mark.parametrize(("avoid", "expected"), [("- {count}", "Not: - {count}"), ("", "Not: ")])
def test_it_stands_where_the_prompt_says_it(avoid, expected):
    assert sent(version(prompt="Not: {avoid}"), avoid=avoid) == [expected]


def test_a_prompt_may_say_it_where_nothing_is_to_be_avoided():
    assert sent(version(prompt="Not: {avoid}")) == ["Not: "]


def test_approved_records_follow_the_templates_own_examples():
    own = [{"input": "One", "output": {"question": "Own?"}}]
    approved = {APPROVED: [{"question": "Why?", "answer": "So."}]}
    texts = sent(version(examples=own), **approved)
    assert texts == [
        "One",
        '{"items": [{"question": "Own?"}]}',
        "Example",
        '{"items": [{"question": "Why?", "answer": "So."}]}',
        "Ask 1",
    ]


def test_a_later_step_shows_its_own_part_of_an_approved_record():
    steps = [{"prompt": "Answer {question}", "fields": ["answer"]}]
    values = {"question": "Who?", APPROVED: [{"question": "Why?", "answer": "So."}]}
    assert sent(part(version(steps=steps), 1), **values)[:2] == [
        '{"question": "Why?"}',
        '{"items": [{"answer": "So."}]}',
    ]


def test_a_line_is_the_compared_fields_short_and_on_one_line():
    run = Run(template_version=version(compared_fields=["question"]))
    contents = [
        {"answer": "So.", "question": "Why\n- so?"},
        {"answer": "Thus.", "question": "Why - so?"},
        {"other": "x" * 500},
        {"question": " "},
    ]
    assert samples.avoidable(run, contents) == ["Why - so?", "x" * 120]


def test_an_example_fits_the_template_and_is_not_too_long():
    good = {"question": "Why?", "answer": "So.", "more": 1}
    contents = [good, {"question": "Why?"}, {"question": "x" * 4000, "answer": "So."}]
    assert samples.exemplary(Run(template_version=version()), contents) == [good]


def test_a_content_without_the_compared_fields_is_told_by_its_first_one():
    run = Run(template_version=version(compared_fields=["question", "answer"]))
    contents = [{"title": "Tea", "more": "x"}, {"answer": "So.", "question": "Why?"}]
    assert samples.avoidable(run, contents) == ["Tea", "Why? / So."]


def test_numbers_and_lists_are_told_as_a_prompt_prints_them():
    run = Run(template_version=version(compared_fields=["tags", "level"]))
    assert samples.avoidable(run, [{"tags": ["茶", 1], "level": 3}]) == ["茶、1 / 3"]


def test_without_required_fields_an_example_has_all_that_the_schema_names():
    schema = {"type": "object", "properties": {"a": {}, "b": {}}}
    contents = [{"a": 1}, {"a": 1, "b": 2}]
    assert samples.exemplary(Run(template_version=version(output_schema=schema)), contents) == [
        contents[1]
    ]


def test_without_a_schema_any_content_is_an_example():
    contents = [{"a": 1}]
    assert samples.exemplary(Run(template_version=version(output_schema={})), contents) == contents


def test_a_first_step_shows_only_what_it_asks_for_of_an_approved_record():
    steps = [{"prompt": "Answer {question}", "fields": ["answer"]}]
    approved = {APPROVED: [{"question": "Why?", "answer": "So."}]}
    assert sent(part(version(steps=steps), 0), **approved)[:2] == [
        "Example",
        '{"items": [{"question": "Why?"}]}',
    ]


def test_a_system_prompt_may_say_what_is_to_be_avoided():
    [system, prompt] = sent(version(system_prompt="Never: {avoid}"), avoid="- Why?")
    assert (system, prompt) == ("Never: - Why?", "Ask 1")


@pytest.mark.parametrize("kind", ["judge", "repair", "step"])
def test_only_a_call_that_begins_records_is_given_a_sample(kind):
    batch = Batch(seed=1, values={}, kind=kind)
    samples.choose(Run(avoid_count=3, example_count=2), [batch])
    assert batch.values == {}


def with_records(count: int, **fields: Any) -> Run:
    """Start a run into a dataset that holds accepted records already."""
    into = factories.dataset()
    factories.records(count, into=into)
    return running(dataset=into, **fields)


@pytest.mark.django_db
def test_a_claimed_batch_keeps_its_sample():
    run = with_records(9, avoid_count=3)
    assert AVOID not in run.batches.get().values
    [claim] = claims(run)
    stored = Batch.objects.get(pk=claim.batch.pk).values
    assert stored == claim.batch.values
    assert len(stored[AVOID].splitlines()) == 3
    assert stored[AVOID].startswith("- Question ")


@pytest.mark.django_db
def test_what_is_sent_again_is_the_same():
    run = with_records(9, avoid_count=3)
    worker = leases.register("runner")
    [first] = claims(run, worker=worker)
    leases.dismiss(worker.pk)
    factories.records(9, into=run.dataset)
    assert claims(run)[0].batch.values == first.batch.values


@pytest.mark.django_db
def test_the_same_seed_draws_the_same_of_the_same_records():
    run = with_records(30, avoid_count=5)
    batches = [Batch(pk=number, seed=7, values={}, kind="generate") for number in (1, 2)]
    for batch in batches:
        samples.choose(run, [batch])
    other = Batch(seed=8, values={}, kind="generate")
    samples.choose(run, [other])
    assert batches[0].values == batches[1].values != other.values


@pytest.mark.django_db
def test_only_accepted_records_that_people_approved_are_examples():
    into = factories.dataset()
    rows = factories.records(4, into=into)
    Record.objects.filter(pk__in=[row.pk for row in rows[:3]]).update(review="approved")
    Record.objects.filter(pk=rows[0].pk).update(status="rejected")
    run = running(dataset=into, example_count=5)
    [claim] = claims(run)
    shown = claim.batch.values[APPROVED]
    assert sorted(row["question"] for row in shown) == sorted(
        row.content["question"] for row in rows[1:3]
    )


@pytest.mark.django_db
def test_a_large_dataset_is_sampled_by_short_stretches(django_assert_max_num_queries):
    into = factories.dataset()
    factories.records(300, into=into)
    with django_assert_max_num_queries(11):
        found = samples.pool(Record.objects.accepted().filter(dataset=into), seed=1)
    assert 20 <= len(found) <= 200


@pytest.mark.django_db
def test_nothing_is_looked_up_where_no_sample_is_wanted(django_assert_num_queries):
    run = with_records(1)
    with django_assert_num_queries(0):
        samples.choose(run, [Batch(values={}, kind="generate")])


@pytest.mark.django_db
def test_batches_of_one_claim_are_given_different_samples():
    run = with_records(30, avoid_count=5, target_count=20, batch_size=10)
    first, second = claims(run, 2)
    assert first.batch.values[AVOID] != second.batch.values[AVOID]


@pytest.mark.django_db
def test_another_datasets_records_are_not_shown():
    factories.records(5)
    run = with_records(2, avoid_count=5)
    [claim] = claims(run)
    assert len(claim.batch.values[AVOID].splitlines()) == 2


@pytest.mark.django_db
def test_a_sample_takes_from_stretches_that_begin_anywhere(monkeypatch):
    monkeypatch.setattr(samples, "POOL_RECORDS", 20)
    into = factories.dataset()
    factories.records(40, into=into)
    records = Record.objects.filter(dataset=into)
    first, other = ([row["question"] for row in samples.pool(records, seed)] for seed in (1, 2))
    assert first != other


@pytest.mark.django_db
def test_an_empty_dataset_gives_nothing():
    run = running(avoid_count=3, example_count=2)
    [claim] = claims(run)
    assert (claim.batch.values[AVOID], claim.batch.values[APPROVED]) == ("", [])


@pytest.mark.django_db
def test_hostile_contents_stay_text(admin_client):
    into = Dataset.objects.create(name="Hostile")
    text = "<script>alert(1)</script> {topic}"
    hostile = Record(dataset=into, content={"question": text, "answer": "{seed}"})
    Record.objects.write([hostile], dataset=into)
    run = running(dataset=into, avoid_count=1)
    [claim] = claims(run)
    [record] = factories.records(1, of_run=run, batch=claim.batch)
    page = reverse("admin:synthesis_record_change", args=[record.pk])
    html = admin_client.get(page).content.decode()
    assert "- &lt;script&gt;alert(1)&lt;/script&gt; {topic}" in html
