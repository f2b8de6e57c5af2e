"""What a mixture can be told to do, in which state, and what its filters find."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from synthesis.drawing import Forecast
from synthesis.errors import ShortageError, TaskNotReadyError, WrongStateError
from synthesis.models import Dataset, Job, Mixture, MixtureRow, Record
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(db: None) -> Dataset:
    return factories.records(3)[0].dataset


@pytest.fixture
def mixture(source: Dataset) -> Mixture:
    return factories.mixture((source, 2), name="Blend")


def fresh(mixture: Mixture) -> Mixture:
    return Mixture.objects.with_progress().get(pk=mixture.pk)


def ended(mixture: Mixture, state: str, code: str = "") -> Mixture:
    mixture.start()
    Job.objects.filter(pk=mixture.job.pk).update(state=state, reason_code=code)
    return fresh(mixture)


class TestStates:
    @pytest.mark.parametrize(
        ("state", "code", "status"),
        [
            ("waiting", "", "pending"),
            ("running", "", "running"),
            ("failed", "broke_off", "failed"),
            ("failed", "mixture_short", "short"),
            ("cancelled", "", "cancelled"),
        ],
    )
    def test_the_job_names_the_state_and_the_filter_finds_it(self, mixture, state, code, status):
        assert ended(mixture, state, code).status == status
        found = {name: Mixture.objects.of_status(name).count() for name in Mixture.Status.values}
        assert found == {name: int(name == status) for name in Mixture.Status.values}

    def test_is_a_draft_before_its_start(self, mixture):
        assert (mixture.status, mixture.status_label) == ("draft", "draft")
        assert Mixture.objects.of_status("draft").get() == mixture
        assert not Mixture.objects.of_status("completed").exists()

    def test_is_complete_whatever_becomes_of_its_job(self, mixture):
        mixture.start()
        mixture.complete()
        Job.objects.all().delete()
        assert fresh(mixture).status == "completed"
        assert Mixture.objects.of_status("completed").get() == mixture


class TestCommands:
    def test_starts_only_once_at_a_time(self, mixture):
        mixture.start()
        with pytest.raises(TaskNotReadyError, match="The task is still running"):
            mixture.start()
        assert Job.objects.count() == 1

    def test_is_not_drawn_again_once_it_is_complete(self, mixture):
        mixture.complete()
        sentence = "The mixture is complete. Clone it: the copy has a dataset of its own."
        with pytest.raises(TaskNotReadyError, match=sentence):
            mixture.start()

    def test_a_shortage_is_refused_in_words_unless_it_is_accepted(self, source):
        source.name = "Tea"
        source.save()
        mixture = factories.mixture((source, 2), (source, 3))
        with pytest.raises(ShortageError) as caught:
            mixture.start()
        assert str(caught.value) == (
            "There are fewer records than wanted. Tea: The filters find 3 records, but other rows"
            " draw some of them too: 1 are left of 3 wanted. Ask for fewer, filter less, or take"
            " what is there."
        )
        assert mixture.job is None
        mixture.start(accepts_shortage=True)
        assert fresh(mixture).accepts_shortage

    def test_cancels_its_job(self, mixture):
        with pytest.raises(WrongStateError):
            mixture.cancel()
        mixture.start()
        mixture.cancel()
        assert fresh(mixture).status == "cancelled"

    def test_a_copy_is_a_draft_with_a_dataset_of_its_own(self, mixture):
        mixture.rows.update(label="tea", score_from=50, drawn=2, found=3, replaced=1)
        mixture.complete()
        copy = fresh(mixture).clone()
        row = copy.rows.get()
        assert (copy.name, copy.status, copy.dataset.name) == ("Blend (2)", "draft", "Blend (2)")
        assert (row.label, row.score_from, row.count) == ("tea", 50, 2)
        assert (row.found, row.drawn, row.replaced) == (None, None, 0)
        assert mixture.rows.get().drawn == 2

    def test_is_deleted_without_its_records(self, mixture):
        copy = factories.records(1, into=mixture.dataset, mixture=mixture)[0]
        mixture.delete()
        copy.refresh_from_db()
        assert (copy.mixture, copy.dataset) == (None, mixture.dataset)

    def test_is_not_deleted_while_it_is_at_work(self, mixture):
        mixture.start()
        with pytest.raises(TaskNotReadyError):
            fresh(mixture).delete()

    def test_other_rows_take_the_place_of_the_first_ones(self, mixture, source):
        mixture = ended(mixture, "cancelled")
        mixture.arrange([MixtureRow(position=0, source=source, share=100, count=3)])
        mixture = fresh(mixture)
        assert (mixture.status, [row.count for row in mixture.rows.all()]) == ("draft", [3])

    def test_rows_stay_as_they_are_while_it_is_at_work(self, mixture):
        mixture.start()
        with pytest.raises(TaskNotReadyError):
            mixture.arrange([])
        assert mixture.rows.count() == 1


class TestFilters:
    VALUES = (
        {"category": "tea", "score": 20, "judge_score": 30, "review": "approved"},
        {"category": "tea", "score": 60, "judge_score": None, "review": "unreviewed"},
        {"category": "", "score": 90, "judge_score": 80, "review": "unreviewed"},
    )
    CONTENTS = (
        {"level": 3, "text": "Green Tea", "is new": True},
        {"level": "3", "text": "tea"},
        {"level": [3], "text": "咖啡", "a__b": "x"},
    )

    @pytest.fixture
    def records(self, source: Dataset) -> list[Record]:
        rows = list(source.records.order_by("pk"))
        for day, (row, values) in enumerate(zip(rows, self.VALUES, strict=True), start=1):
            at = datetime(2026, 3, day, 12, tzinfo=UTC)
            Record.objects.filter(pk=row.pk).update(created_at=at, **values)
        for row, content in zip(rows, self.CONTENTS, strict=True):
            Record.objects.filter(pk=row.pk).update(content=content)
        return rows

    @pytest.mark.parametrize(
        ("fields", "found"),
        [
            ({}, [0, 1, 2]),
            ({"category": "tea"}, [0, 1]),
            ({"category": "te"}, []),
            ({"score_from": 60}, [1, 2]),
            ({"score_to": 60}, [0, 1]),
            ({"score_from": 0, "score_to": 0}, []),
            ({"judge_from": 30}, [0, 2]),
            ({"judge_to": 79.9}, [0]),
            ({"created_from": "2026-03-02"}, [1, 2]),
            ({"created_from": "2026-03-02", "created_to": "2026-03-02"}, [1]),
            ({"review": "approved"}, [0]),
            ({"field": "text", "text": "tea"}, [0, 1]),
            ({"field": "text", "text": "tea", "is_whole": True}, [1]),
            ({"field": "text", "text": "咖"}, [2]),
            ({"field": "level", "text": "3", "is_whole": True}, [0, 1]),
            ({"field": "is new", "text": "true", "is_whole": True}, [0]),
            ({"field": "a__b", "text": "x"}, [2]),
            ({"field": "no such field", "text": "x"}, []),
            ({"field": "text", "text": "%"}, []),
            ({"field": "text' --", "text": '"'}, []),
            ({"category": "tea", "score_from": 50, "field": "text", "text": "tea"}, [1]),
        ],
    )
    def test_find_what_they_say(self, source, records, fields, found):
        ids = MixtureRow(source=source, **fields).candidates().order_by("pk").values_list("pk")
        assert [pk for (pk,) in ids] == [records[place].pk for place in found]

    def test_find_no_records_of_other_datasets(self, source):
        factories.records(2)
        assert MixtureRow(source=source).candidates().count() == 3


@pytest.mark.any_database
class TestWords:
    def row(self, **fields: Any) -> MixtureRow:
        return MixtureRow(**{"source": Dataset(name="Tea"), "count": 5, **fields})

    def test_the_title_names_source_and_category(self):
        assert (self.row().title, self.row(label="drinks").title) == ("Tea", "Tea → drinks")

    def test_enough_is_no_shortage(self):
        assert self.row().foreseen_shortage(Forecast(found=5, drawable=5)) == ""
        assert self.row(found=9, drawn=5).shortage == ""
        assert self.row().shortage == ""

    def test_tells_what_became_of_all_that_was_found(self):
        assert self.row(found=9, drawn=2, replaced=3).shortage == (
            "The filters found 9 records. 3 were refused by the checks of the output dataset."
            " 4 were drawn by other rows."
        )

    def test_tells_that_it_gave_up(self):
        assert self.row(found=30_000, drawn=2, replaced=10_000).shortage == (
            "The filters found 30000 records. 10000 were refused by the checks of the output"
            " dataset. 19998 were drawn by other rows, or left alone when 10000 in a row had been"
            " refused."
        )

    def test_lists_the_filters_that_are_set(self):
        row = self.row(category="tea", score_from=0, review="approved", field="text", text="x")
        assert row.filters() == [
            ("category", "tea"),
            ("score from", 0),
            ("review", "approved"),
            ("text", "contains “x”"),
        ]
        assert self.row(field="a", text="b", is_whole=True).filters() == [("a", "is “b”")]
        assert self.row().filters() == []
