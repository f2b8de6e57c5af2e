"""What orders of background work say of themselves, whatever became of their job."""

from __future__ import annotations

import pytest
from django.utils import translation

from quality.models import Deduplication, Evaluation, PolicyCheck
from quality.models.dataset_job import DatasetJob
from synthesis.errors import WrongStateError
from synthesis.models import Job

pytestmark = pytest.mark.any_database
KINDS = [Deduplication, PolicyCheck]
GONE = "Its background job is gone. Start another one."


@pytest.mark.parametrize("kind", KINDS)
class TestOrder:
    @pytest.mark.parametrize(
        ("state", "is_open"),
        [
            ("waiting", True),
            ("running", True),
            ("failed", False),
            ("cancelled", False),
        ],
    )
    def test_is_open_until_its_job_has_ended(
        self, kind: type[DatasetJob], state: str, is_open: bool
    ) -> None:
        order = kind(job=Job(state=state))
        assert (order.is_open, order.is_done) == (is_open, False)

    @pytest.mark.parametrize(
        ("state", "progress", "total", "percent"),
        [
            ("waiting", 0, None, 0),
            ("running", 5, None, 0),
            ("running", 5, 0, 0),
            ("running", 1, 3, 33),
            ("running", 9, 3, 100),
            ("failed", 2, 4, 50),
            ("done", 0, None, 100),
        ],
    )
    def test_has_come_as_far_as_its_job(
        self, kind: type[DatasetJob], state: str, progress: int, total: int | None, percent: int
    ) -> None:
        order = kind(job=Job(state=state, progress=progress, total=total))
        assert order.progress_percent == percent

    @pytest.mark.parametrize(
        ("state", "code", "reason"),
        [
            ("failed", "", GONE),
            ("running", "broke_off", ""),
            ("cancelled", "broke_off", ""),
        ],
    )
    def test_has_a_reason_only_where_it_failed(
        self, kind: type[DatasetJob], state: str, code: str, reason: str
    ) -> None:
        assert kind(job=Job(state=state, reason_code=code)).reason == reason

    def test_tells_the_words_of_what_broke_off(self, kind: type[DatasetJob]) -> None:
        job = Job(state="failed", reason_code="broke_off", reason_detail="OSError: <full>")
        assert "OSError: <full>" in kind(job=job).reason

    def test_that_lost_its_job_is_not_cancelled(self, kind: type[DatasetJob]) -> None:
        with pytest.raises(WrongStateError, match="This is not possible while the run is “failed”"):
            kind().cancel()

    def test_that_lost_its_job_says_so_in_chinese(self, kind: type[DatasetJob]) -> None:
        with translation.override("zh-hans"):
            assert not kind().reason.isascii()
        assert kind().reason == GONE


def test_a_report_that_is_missing_is_no_success() -> None:
    evaluation = Evaluation(job=Job(state="done"), report=None)
    assert (evaluation.status, evaluation.reason) == ("failed", GONE)
