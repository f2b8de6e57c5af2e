from __future__ import annotations

import pytest

from synthesis import copying
from synthesis.models import Record
from tests import factories

pytestmark = pytest.mark.django_db


def test_copies_contents_and_models_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "PAGE_RECORDS", 2)
    model = factories.language_model()
    source = factories.records(5, language_model=model)
    target = factories.dataset()
    counts = copying.copy(Record.objects.filter(dataset=source[0].dataset), target)
    copies = Record.objects.filter(dataset=target).order_by("pk")
    assert [row.content for row in copies] == [row.content for row in source]
    assert {row.language_model for row in copies} == {model}
    assert counts == {"accepted": 5}


def test_counts_what_the_target_holds_already() -> None:
    source = factories.records(3)
    counts = copying.copy(Record.objects.all(), source[0].dataset)
    assert counts == {"duplicate": 3}


@pytest.mark.parametrize(
    ("status", "content"), [("accepted", {"a": "masked"}), ("duplicate", {"a": "said"})]
)
def test_what_was_said_of_a_record_does_not_go_with_another_content_or_a_refused_copy(
    status: str, content: dict[str, str]
) -> None:
    origin = Record(content={"a": "said"}, review="approved", judge_score=90)
    copy = Record(content=content, status=status)
    copying.keep_words([copy], [origin])
    assert (copy.review, copy.judge_score) == ("unreviewed", None)


def test_copies_know_their_origin() -> None:
    [record] = factories.records(1)
    copying.copy(Record.objects.filter(pk=record.pk), factories.dataset())
    assert record.copies.get().mixture is None
