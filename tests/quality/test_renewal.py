"""Datasets that another version of the fingerprints indexed are indexed anew, whatever happens."""

from __future__ import annotations

import hashlib
import io
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.template.loader import render_to_string

from quality import fingerprints, renewal
from quality.dedup import digest_of
from quality.fingerprints import BANDS
from quality.management.commands import index_anew
from quality.models import Band, DatasetIndex
from quality.normalise import normalise, normalised
from quality.templatetags.deduplications import deduplication_card
from synthesis.engine import background, leases
from synthesis.models import Dataset, Job, Record, Worker
from synthesis.signals import worker_started
from tests import factories
from tests.quality.deduplication.datasets import KETTLE, KETTLES, OOLONG, REWORDED, ROME

OLD_KEYS = 12
PAGE = "admin/quality/deduplication/card.html"
CARD = "The index of near duplicates is being made anew after an update."
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "PAGE_RECORDS", 2)
    monkeypatch.setattr(renewal, "PAGE_ROWS", 20)


@pytest.fixture
def old() -> Dataset:
    """A dataset of three records as another version left it: other keys, hashes and simhashes."""
    dataset = factories.dataset()
    write(dataset, OOLONG, ROME, KETTLE)
    age(dataset)
    return dataset


def write(dataset: Dataset, *texts: str) -> list[str]:
    rows = [Record(dataset=dataset, content={"text": text}) for text in texts]
    return [row.status for row in Record.objects.write(rows, dataset=dataset)]


def age(dataset: Dataset) -> None:
    Band.objects.filter(dataset=dataset).delete()
    rows = [(pk * 100 + key, pk, 0) for pk in ids(dataset) for key in range(OLD_KEYS)]
    Band.objects.enter_new(dataset.pk, np.array(rows, dtype=np.int64))
    for pk in ids(dataset):
        Record.objects.filter(pk=pk).update(content_hash=f"{pk:064x}", simhash=0)
    DatasetIndex.objects.filter(dataset=dataset).delete()


def ids(dataset: Dataset) -> list[int]:
    return list(dataset.records.order_by("pk").values_list("pk", flat=True))


def renewed() -> Job:
    job = renewal.order()
    assert job is not None
    return background.perform_here(job)


def entered(dataset: Dataset) -> dict[int, set[tuple[int, int]]]:
    rows = Band.objects.filter(dataset=dataset).values_list("record", "key", "simhash")
    found: dict[int, set[tuple[int, int]]] = {}
    for record, key, simhash in rows:
        found.setdefault(record, set()).add((key, simhash))
    return found


def wanted(dataset: Dataset) -> dict[int, set[tuple[int, int]]]:
    """What the index holds where this version alone has filled it."""
    found = {}
    for record in dataset.records.accepted():
        [print_] = fingerprints.fingerprints([normalise(record.content["text"])])
        assert record.content_hash == digest_of(normalised(record.content))
        assert record.simhash == print_.simhash
        found[record.pk] = {(key, print_.simhash) for key in print_.keys}
    return found


@pytest.mark.any_database
def test_the_version_is_raised_with_what_makes_other_fingerprints() -> None:
    texts = ["", "a", "½ cup of tea", "哈" * 30, OOLONG, "Ｔｈｅ 「软件」 has 3,000 users; don't"]
    forms = [normalised({"text": text, "parts": [text, 3.5, None]}) for text in texts]
    prints = fingerprints.fingerprints([normalise(text) for text in texts])
    common = fingerprints.common_grams().tobytes()
    made = repr((prints, [digest_of(form) for form in forms], hashlib.sha256(common).hexdigest()))
    # Other figures here? Then records that are stored have others too: raise the version.
    digest = hashlib.sha256(made.encode()).hexdigest()[:16]
    assert (fingerprints.VERSION, digest) == (2, "798b92da86afe90b")


def test_nothing_is_ordered_where_this_version_made_all() -> None:
    write(factories.dataset(), OOLONG)
    assert renewal.order() is None


def test_an_old_dataset_without_records_has_nothing_to_do() -> None:
    factories.dataset()
    DatasetIndex.objects.all().delete()
    assert renewal.order() is None


def test_repeats_of_old_records_are_found_again(old: Dataset) -> None:
    assert write(old, REWORDED) == ["accepted"]
    age(old)
    assert renewed().state == "done"
    assert write(old, KETTLES, OOLONG) == ["duplicate", "duplicate"]


def test_all_is_as_if_this_version_had_filled_it(old: Dataset) -> None:
    renewed()
    assert entered(old) == wanted(old)
    state = DatasetIndex.objects.get(dataset=old)
    assert (state.version, state.old_until, state.entered_until) == (2, None, None)
    assert renewal.order() is None


def test_a_raised_version_makes_every_filled_dataset_anew(
    old: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewed()
    monkeypatch.setattr(fingerprints, "VERSION", 3)
    renewed()
    assert DatasetIndex.objects.get(dataset=old).version == 3


def test_records_that_do_not_count_get_their_hash_and_stay_out_of_the_index(old: Dataset) -> None:
    first, second, third = ids(old)
    Record.objects.filter(pk=first).update(status="rejected")
    Record.objects.filter(pk=second).update(status="malformed", content_hash="", content=None)
    renewed()
    hashes = dict(old.records.values_list("pk", "content_hash"))
    assert hashes[first] == digest_of(normalised({"text": OOLONG}))
    assert hashes[second] == ""
    assert set(entered(old)) == {third}


def test_of_two_that_say_the_same_by_now_the_first_keeps_the_hash(old: Dataset) -> None:
    first, second, third = ids(old)
    Record.objects.filter(pk__in=[second, third]).update(content={"text": OOLONG.upper()})
    renewed()
    same = digest_of(normalised({"text": OOLONG}))
    assert [*old.records.order_by("pk").values_list("content_hash", flat=True)] == [same, "", ""]
    assert set(entered(old)) == {first, second, third}


def test_full_buckets_take_no_more(old: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quality.index.FULLEST_BUCKET", 2)
    Record.objects.update(content={"text": OOLONG}, content_hash="")
    renewed()
    assert Band.objects.filter(dataset=old).count() == 2 * BANDS


class TestBrokenOff:
    def work(self, steps: int) -> None:
        """Take so many steps, then die without a word."""
        job = renewal.order()
        assert job is not None
        worker = leases.register(Worker.Role.JOB)
        assignment = background.Assignment(background.claim(worker, job) or job, worker)
        genuine, left = renewal.renew_page, [None] * steps

        def renew_page(state: DatasetIndex, dataset: Dataset) -> int:
            if not left:
                raise SystemExit
            left.pop()
            return genuine(state, dataset)

        with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit):
            patch.setattr(renewal, "renew_page", renew_page)
            renewal.renew(assignment)
        leases.dismiss(worker.pk)

    # Two steps for the 36 old rows, two for the records, and one that finds nothing more.
    @pytest.mark.parametrize(("steps", "left"), [(0, 3), (1, 3), (2, 3), (3, 1), (4, 0)])
    def test_goes_on_after_any_step(self, old: Dataset, steps: int, left: int) -> None:
        self.work(steps)
        job = renewed()
        assert (job.state, job.total) == ("done", left)
        assert entered(old) == wanted(old)

    @pytest.mark.parametrize("steps", [1, 3])
    def test_what_is_written_meanwhile_is_found_before_and_after(
        self, old: Dataset, steps: int
    ) -> None:
        self.work(steps)
        assert write(old, "Kyoto is known for its green tea and its old temples.") == ["accepted"]
        again = "Kyoto is known for its green teas and its old temples."
        assert write(old, again) == ["duplicate"]
        self.work(1)
        assert write(old, again) == ["duplicate"]
        renewed()
        assert write(old, again) == ["duplicate"]
        assert entered(old) == wanted(old)

    @pytest.mark.parametrize("steps", [1, 3])
    def test_what_is_edited_meanwhile_is_found_by_its_new_words(
        self, old: Dataset, steps: int
    ) -> None:
        self.work(steps)
        record = Record.objects.get(pk=ids(old)[0])
        record.content = {"text": "Kyoto is known for its green tea and its old temples."}
        record.save()
        renewed()
        assert write(old, "Kyoto is known for its green teas and its old temples.") == ["duplicate"]

    def test_a_cancelled_one_is_ordered_again(self, old: Dataset) -> None:
        self.work(2)
        Job.objects.get().cancel()
        assert renewed().state == "done"
        assert entered(old) == wanted(old)

    def test_a_dataset_deleted_meanwhile_takes_its_index_along(self, old: Dataset) -> None:
        self.work(3)
        job = Job.objects.get()
        old.delete()
        assert background.perform_here(job).state == "done"
        assert not Band.objects.exists()


class TestOrder:
    def test_a_worker_orders_it_once_when_it_starts(self, old: Dataset) -> None:
        for _start in range(2):
            worker_started.send(sender=Worker)
        assert [job.kind for job in Job.objects.all()] == ["index"]

    def test_the_dataset_s_page_says_so_while_it_is_under_way(self, old: Dataset) -> None:
        request = Mock(user=User(is_superuser=True))
        renewal.order()
        assert CARD in render_to_string(PAGE, deduplication_card({"request": request}, old))
        renewed()
        assert CARD not in render_to_string(PAGE, deduplication_card({"request": request}, old))


class TestCommand:
    def run(self, *words: Any) -> str:
        out = io.StringIO()
        call_command("index_anew", *words, stdout=out)
        return out.getvalue()

    def test_does_what_the_worker_would(self, old: Dataset) -> None:
        assert self.run() == "Every dataset is indexed as this version does it.\n"
        assert entered(old) == wanted(old)

    def test_does_nothing_where_nothing_is_old(self) -> None:
        assert self.run() == "Every dataset is indexed as this version does it.\n"
        assert not Job.objects.exists()

    def test_makes_a_dataset_anew_that_is_named(self, old: Dataset) -> None:
        renewed()
        Band.objects.all().delete()
        self.run(old.name)
        assert entered(old) == wanted(old)

    def test_ends_with_2_for_a_dataset_that_is_not_there(self) -> None:
        with pytest.raises(CommandError, match="nowhere") as refused:
            self.run("nowhere")
        assert refused.value.returncode == 2

    def test_an_interrupt_leaves_the_rest_to_the_next(
        self, old: Dataset, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(job: Job, _unit: str) -> None:
            job.cancel()
            raise KeyboardInterrupt

        monkeypatch.setattr(index_anew, "follow_job", interrupt)
        with pytest.raises(CommandError, match="The rest is done when a worker starts") as stopped:
            self.run()
        assert stopped.value.returncode == 130

    def test_a_job_that_failed_says_why(
        self, old: Dataset, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(renewal, "enter_anew", lambda *_arguments: 1 / 0)
        with pytest.raises(CommandError, match="ZeroDivisionError"):
            self.run()
