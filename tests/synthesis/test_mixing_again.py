"""Mixtures that are begun again, or whose sources changed meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import ProtectedError

from synthesis import copying, mixing
from synthesis.engine import background
from synthesis.engine.background import JobFailedError
from synthesis.models import Dataset, Job, Mixture, MixtureRow, Record
from tests import factories


def source(count: int) -> Dataset:
    return factories.records(count)[0].dataset


def fresh(mixture: Mixture) -> Mixture:
    return Mixture.objects.with_progress().get(pk=mixture.pk)


def mixed(mixture: Mixture, **options: bool) -> Mixture:
    mixture.start(**options)
    background.perform_here(mixture.job)
    return fresh(mixture)


@pytest.mark.django_db
class TestAgain:
    def test_a_shortage_accepted_later_keeps_no_record_of_the_first_attempt(self) -> None:
        first, output = source(3), factories.dataset()
        twin = first.records.order_by("pk").first()
        Record.objects.write([Record(dataset=output, content=twin.content)], dataset=output)
        short = mixed(factories.mixture((first, 3), dataset=output))
        assert (short.status, short.accepted_count, short.records.count()) == ("short", 2, 3)
        taken = mixed(short, accepts_shortage=True)
        assert (taken.status, taken.status_label) == ("completed", "completed, 1 short")
        assert (taken.records.accepted().count(), taken.records.count()) == (2, 3)
        assert output.records.accepted().count() == 3

    def test_a_mixture_cancelled_before_it_began_can_be_started(self) -> None:
        mixture = factories.mixture((source(2), 2))
        mixture.start()
        mixture.cancel()
        background.perform_here(mixture.job)
        assert (fresh(mixture).status, mixture.records.count()) == ("cancelled", 0)
        assert mixed(fresh(mixture)).status == "completed"

    def test_sources_that_were_emptied_leave_an_empty_output_where_that_is_accepted(self) -> None:
        of_source = source(2)
        mixture = factories.mixture((of_source, 2), accepts_shortage=True)
        of_source.records.all().delete()
        mixture = mixed(mixture)
        assert (mixture.status_label, mixture.progress_percent) == ("completed, 2 short", 0)
        assert [row.shortage for row in mixture.rows.all()] == ["The filters found 0 records."]

    def test_a_mixture_is_a_source_like_any_other(self) -> None:
        first = mixed(factories.mixture((source(4), 3)))
        second = mixed(factories.mixture((first.dataset, 2)))
        assert second.status == "completed"
        origins = second.records.values_list("origin__mixture", flat=True)
        assert set(origins) == {first.pk}

    def test_neither_source_nor_output_can_be_deleted(self) -> None:
        mixture = factories.mixture((source(1), 1))
        for dataset in (mixture.dataset, mixture.rows.get().source):
            with pytest.raises(ProtectedError):
                dataset.delete()

    def test_a_mixture_that_is_gone_fails_with_a_reason(self) -> None:
        job = Job.objects.create(kind="mix", arguments={"mixture": 0})
        job = background.perform_here(job)
        assert (job.state, job.reason) == (
            "failed",
            "The mixture was deleted before it was drawn.",
        )

    def test_only_what_it_drew_itself_is_taken_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mixing, "PAGE_RECORDS", 2)
        output = factories.dataset()
        own = factories.records(1, into=output)
        mixture = mixed(factories.mixture((source(5), 5), dataset=output))
        Mixture.objects.filter(pk=mixture.pk).update(completed_at=None, job=None)
        again = mixed(fresh(mixture))
        assert (again.status, output.records.count()) == ("completed", 6)
        assert output.records.filter(mixture=None).get() == own[0]


@pytest.mark.any_database
class TestPages:
    @pytest.mark.parametrize(
        ("count", "drawn", "size"), [(3, None, 3), (3, 1, 2), (501, 0, 500), (600, 599, 1)]
    )
    def test_ask_for_no_more_than_is_missing(
        self, count: int, drawn: int | None, size: int
    ) -> None:
        assert mixing.page_size(MixtureRow(count=count, drawn=drawn)) == size

    @pytest.mark.parametrize(("count", "accepts"), [(5, False), (6, False), (0, True)])
    def test_enough_and_an_accepted_shortage_are_not_refused(
        self, count: int, accepts: bool
    ) -> None:
        mixing.refuse_shortage(Mixture(total=5, accepts_shortage=accepts), count)

    def test_one_too_few_is_refused_with_the_numbers(self) -> None:
        with pytest.raises(JobFailedError) as caught:
            mixing.refuse_shortage(Mixture(total=5), 4)
        assert (caught.value.code, caught.value.detail) == ("mixture_short", "4/5")


@pytest.mark.any_database
class TestCopies:
    ORIGIN: dict[str, Any] = {
        "pk": 7,
        "content": {"a": "said"},
        "category": "tea",
        "language_model_id": 3,
        "source_item_id": 4,
        "status": "accepted",
        "score": 50.0,
        "judge_score": 90.0,
        "review": "approved",
    }

    def test_are_new_records_that_nobody_judged_yet(self) -> None:
        origin = Record(run_id=1, batch_id=2, **self.ORIGIN)
        copy = copying.copy_of(origin, Dataset(pk=9))
        assert (copy.pk, copy.run_id, copy.batch_id, copy.mixture_id) == (None, None, None, None)
        assert (copy.judge_score, copy.score, copy.review) == (None, None, "unreviewed")
        assert (copy.origin_id, copy.dataset_id) == (7, 9)
        assert (copy.language_model_id, copy.source_item_id) == (3, 4)

    def test_of_copies_keep_the_copy_as_their_origin(self) -> None:
        copy = Record(origin_id=1, **self.ORIGIN)
        assert copying.copy_of(copy, Dataset(pk=9)).origin_id == 7

    def test_get_words_each_from_its_own_origin(self, monkeypatch: pytest.MonkeyPatch) -> None:
        written: list[Record] = []
        monkeypatch.setattr(copying, "update_each", lambda rows, _names: written.extend(rows))
        scores = (10, None, 30, 40)
        origins = [Record(content={"a": n}, judge_score=n) for n in scores]
        copies = [Record(content={"a": n}, status="accepted") for n in scores]
        copies[2].status = "duplicate"
        copying.keep_words(copies, origins)
        assert [copy.judge_score for copy in copies] == [10, None, None, 40]
        assert written == [copies[0], copies[3]]

    def test_are_matched_with_as_many_origins(self) -> None:
        with pytest.raises(ValueError, match="argument 2 is shorter"):
            copying.keep_words([Record()], [])
