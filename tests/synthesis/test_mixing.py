"""What a mixture draws and what becomes of it: exact counts, or the reason why not."""

from __future__ import annotations

from collections import Counter

import pytest

from synthesis import mixing
from synthesis.engine import background
from synthesis.models import Dataset, Job, Mixture, MixtureRow, Record
from tests import factories

pytestmark = pytest.mark.django_db


def source(count: int, **fields: object) -> Dataset:
    return factories.records(count, into=factories.dataset(), **fields)[0].dataset


def mixed(mixture: Mixture, **options: bool) -> Mixture:
    mixture.start(**options)
    background.perform_here(mixture.job)
    return fresh(mixture)


def fresh(mixture: Mixture) -> Mixture:
    return Mixture.objects.with_progress().get(pk=mixture.pk)


def figures(mixture: Mixture) -> list[tuple[int | None, ...]]:
    return [(row.found, row.drawn, row.replaced) for row in mixture.rows.all()]


def contents(mixture: Mixture) -> list[str]:
    rows = mixture.records.accepted().order_by("pk")
    return [row.content["question"] for row in rows]


def copied(into: Dataset, records: list[Record]) -> list[Record]:
    rows = [Record(dataset=into, content=row.content) for row in records]
    return Record.objects.write(rows, dataset=into)


def test_every_source_gives_its_count_and_keeps_its_records():
    sources = [source(8), source(6), source(6)]
    mixture = mixed(factories.mixture(*zip(sources, (4, 3, 3), strict=True)))
    assert (mixture.status, mixture.accepted_count) == ("completed", 10)
    assert figures(mixture) == [(8, 4, 0), (6, 3, 0), (6, 3, 0)]
    drawn = Counter(mixture.records.values_list("origin__dataset", flat=True))
    assert drawn == {row.pk: count for row, count in zip(sources, (4, 3, 3), strict=True)}
    assert [row.records.count() for row in sources] == [8, 6, 6]


def test_the_same_seed_draws_the_same_records_in_the_same_order():
    parts = [(source(9), 5), (source(9), 5)]
    first, again, other = (mixed(factories.mixture(*parts, seed=seed)) for seed in (3, 3, 4))
    assert contents(first) == contents(again) != contents(other)


def test_a_copy_knows_where_it_comes_from_and_keeps_what_it_is():
    model = factories.language_model()
    origin = factories.records(1, category="tea", language_model=model)[0]
    mixed(factories.mixture((origin.dataset, 1)))
    copy = origin.copies.get()
    assert (copy.content, copy.category, copy.language_model) == (origin.content, "tea", model)
    assert (copy.run, copy.batch) == (None, None)


def test_a_row_may_give_its_records_another_category():
    mixture = factories.mixture((source(2, category="tea"), 2))
    mixture.rows.update(label="drinks")
    assert set(mixed(mixture).records.values_list("category", flat=True)) == {"drinks"}


def test_what_repeats_a_record_is_replaced_by_the_next():
    first = factories.records(4)
    second = factories.dataset()
    copied(second, first)
    factories.records(3, into=second)
    mixture = mixed(factories.mixture((first[0].dataset, 4), (second, 3)))
    assert mixture.status == "completed"
    assert [row.drawn for row in mixture.rows.all()] == [4, 3]
    refused = mixture.records.filter(status="duplicate").count()
    assert [row.replaced for row in mixture.rows.all()] == [0, refused]


def test_what_the_checks_leave_short_is_told_and_not_called_complete():
    first = factories.records(4)
    second = factories.dataset()
    copied(second, first)
    mixture = mixed(factories.mixture((first[0].dataset, 4), (second, 2)))
    assert (mixture.status, mixture.completed_at) == ("short", None)
    assert mixture.reason == (
        "Only 4/6 records could be drawn; the rows say why. Ask for fewer, filter less, or"
        " take what is there."
    )
    assert [row.shortage for row in mixture.rows.all()] == [
        "",
        "The filters found 4 records. 4 were refused by the checks of the output dataset.",
    ]


def test_a_shortage_that_is_accepted_completes_with_what_is_there():
    mixture = factories.mixture((source(3), 5), (source(5), 5))
    mixture = mixed(mixture, accepts_shortage=True)
    assert (mixture.status, mixture.status_label) == ("completed", "completed, 2 short")
    assert [row.shortage for row in mixture.rows.all()] == ["The filters found 3 records.", ""]


def test_a_source_that_shrank_since_the_start_is_refused_before_anything_is_drawn():
    of_source = source(5)
    mixture = factories.mixture((of_source, 5))
    mixture.start()
    of_source.records.first().delete()
    background.perform_here(mixture.job)
    mixture = fresh(mixture)
    assert (mixture.status, mixture.records.count()) == ("short", 0)
    assert figures(mixture) == [(None, None, 0)]


@pytest.mark.any_database
class TestPages:
    def pages(self, monkeypatch: pytest.MonkeyPatch, accepted: list[int]) -> list[int]:
        """Return the sizes of the pages, of which so many are accepted."""
        monkeypatch.setattr(mixing, "MOST_IN_VAIN", 4)
        row, sizes = MixtureRow(count=3, drawn=0), []
        for page, number in zip(mixing.pages(row, iter(range(20))), accepted, strict=False):
            sizes.append(len(page))
            row.drawn += number
        return sizes

    def test_ask_for_what_is_missing(self, monkeypatch):
        assert self.pages(monkeypatch, [1, 1, 1, 0]) == [3, 2, 1]

    def test_end_when_too_many_in_a_row_were_refused(self, monkeypatch):
        assert self.pages(monkeypatch, [0] * 9) == [3, 3]

    def test_go_on_where_any_is_accepted(self, monkeypatch):
        assert self.pages(monkeypatch, [0, 1, 0, 1, 0, 0, 0, 1]) == [3, 3, 2, 2, 1, 1, 1, 1]

    def test_end_when_nothing_is_left(self):
        assert list(mixing.pages(MixtureRow(count=3, drawn=0), iter([]))) == []


def test_only_accepted_records_are_drawn():
    of_source = source(5)
    ids = list(of_source.records.values_list("pk", flat=True)[:4])
    statuses = ("duplicate", "malformed", "rejected", "surplus")
    for pk, status in zip(ids, statuses, strict=True):
        Record.objects.filter(pk=pk).update(status=status)
    mixture = mixed(factories.mixture((of_source, 1)))
    assert figures(mixture) == [(1, 1, 0)]
    assert mixture.records.get().origin_id not in ids


def test_a_record_that_lost_its_place_after_it_was_drawn_is_replaced(monkeypatch):
    of_source = source(3)
    genuine = mixing.pages

    def shrinking(row, drawn):
        for page in genuine(row, drawn):
            if not row.drawn:
                Record.objects.filter(pk=page[0]).update(status="rejected")
            yield page

    monkeypatch.setattr(mixing, "pages", shrinking)
    mixture = mixed(factories.mixture((of_source, 2)))
    assert figures(mixture) == [(3, 2, 1)]


def test_an_attempt_that_broke_off_is_replaced(monkeypatch):
    monkeypatch.setattr(mixing, "PAGE_RECORDS", 2)
    mixture = factories.mixture((source(6), 5))
    mixture.start()
    stop = lambda done, _total: Job.objects.get(pk=mixture.job.pk).cancel() if done else None  # noqa: E731
    background.perform_here(mixture.job, stop)
    stopped = fresh(mixture)
    assert (stopped.status, stopped.records.count(), stopped.accepted_count) == ("cancelled", 2, 2)
    again = mixed(stopped)
    assert (again.status, again.records.count()) == ("completed", 5)


def test_the_policy_of_the_output_judges_the_copies():
    of_source = source(3)
    odd = of_source.records.order_by("pk").first()
    Record.objects.filter(pk=odd.pk).update(content={"question": "", "answer": ""})
    mixture = mixed(factories.mixture((of_source, 2)))
    assert mixture.status == "completed"
    assert all(mixture.records.accepted().values_list("content__question", flat=True))


class TestWordsOfPeopleAndJudges:
    def approved(self, **fields: object) -> Record:
        record = factories.records(1)[0]
        values = {"review": "approved", "review_note": "Good.", "judge_score": 75, **fields}
        Record.objects.filter(pk=record.pk).update(**values)
        return record

    def test_stay_with_the_same_content(self, admin_user):
        origin = self.approved(reviewer=admin_user)
        mixed(factories.mixture((origin.dataset, 1)))
        copy = origin.copies.get()
        assert (copy.review, copy.reviewer, copy.review_note) == ("approved", admin_user, "Good.")
        assert (copy.judge_score, copy.score) == (75, origin.score)

    def test_do_not_overrule_the_checks_of_the_output(self):
        origin = self.approved()
        output = factories.dataset()
        copied(output, [origin])
        mixture = mixed(factories.mixture((origin.dataset, 1), dataset=output))
        copy = origin.copies.get()
        assert (mixture.status, copy.status, copy.review) == ("short", "duplicate", "unreviewed")
