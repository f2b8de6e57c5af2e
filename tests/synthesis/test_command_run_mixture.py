from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from synthesis.models import Dataset, Mixture, Record
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> Dataset:
    dataset = factories.dataset("Tea")
    factories.records(4, into=dataset)
    return dataset


def run_mixture(*words: str) -> list[str]:
    output = io.StringIO()
    call_command("run_mixture", *words, stdout=output)
    return output.getvalue().splitlines()


def refused(*words: str) -> tuple[str, int]:
    with pytest.raises(CommandError) as caught:
        run_mixture(*words)
    return str(caught.value), caught.value.returncode


def test_draws_and_tells_what_each_row_gave(source: Dataset) -> None:
    factories.mixture((source, 3), name="Blend")
    assert run_mixture("Blend") == [
        "Tea: 3 of 3 records, 0 replaced.",
        "Blend has 3 of 3 records.",
    ]
    assert Mixture.objects.get().completed_at


def test_refuses_a_shortage_and_draws_nothing(source: Dataset) -> None:
    factories.mixture((source, 5), name="Blend")
    assert refused("Blend") == (
        "There are fewer records than wanted. Tea: The filters find 4 records; 5 are wanted."
        " Ask for fewer, filter less, or take what is there."
        " With --accept-shortage what is there is taken.",
        1,
    )
    assert Record.objects.count() == 4


def test_takes_what_is_there_when_that_is_accepted(source: Dataset) -> None:
    factories.mixture((source, 5), name="Blend")
    assert run_mixture("Blend", "--accept-shortage") == [
        "Tea: 4 of 5 records, 0 replaced. The filters found 4 records.",
        "Blend has 4 of 5 records.",
    ]


def test_ends_with_the_reason_when_the_checks_leave_a_row_short(source: Dataset) -> None:
    output = factories.dataset()
    rows = [Record(dataset=output, content=row.content) for row in source.records.all()]
    Record.objects.write(rows, dataset=output)
    factories.mixture((source, 1), name="Blend", dataset=output)
    sentence = (
        "Only 0/1 records could be drawn; the rows say why. Ask for fewer, filter less, or"
        " take what is there."
    )
    assert refused("Blend") == (sentence, 1)


def test_refuses_what_is_complete(source: Dataset) -> None:
    factories.mixture((source, 1), name="Blend")
    run_mixture("Blend")
    sentence = "The mixture is complete. Clone it: the copy has a dataset of its own."
    assert refused("Blend") == (sentence, 1)


def test_names_what_is_not_there(source: Dataset) -> None:
    assert refused("Blend") == ("There is no mixture with the name or number “Blend”.", 2)


def test_an_interrupt_cancels_it(source: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_words: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("synthesis.mixing.take_back", interrupted)
    mixture = factories.mixture((source, 1), name="Blend")
    sentence = "Cancelled. What was drawn stays until the mixture is started again."
    assert refused("Blend") == (sentence, 130)
    assert Mixture.objects.with_progress().get(pk=mixture.pk).status == "cancelled"
