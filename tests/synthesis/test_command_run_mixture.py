from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from synthesis.management.commands import run_mixture as run_mixture_command
from synthesis.models import Dataset, Mixture, MixtureRow, Record
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


def test_is_called_by_its_number_too(source: Dataset) -> None:
    mixture = factories.mixture((source, 1), name="Blend")
    assert run_mixture(str(mixture.pk))[-1] == "Blend has 1 of 1 records."


def test_a_name_of_digits_comes_before_a_number(source: Dataset) -> None:
    other = factories.mixture((source, 1), name="Other")
    factories.mixture((source, 2), name=str(other.pk))
    assert run_mixture(str(other.pk))[-1] == f"{other.pk} has 2 of 2 records."
    assert Mixture.objects.get(pk=other.pk).completed_at is None


def test_refuses_what_is_at_work(source: Dataset) -> None:
    factories.mixture((source, 1), name="Blend").start()
    sentence = "The task is still running. Cancel it, or wait until it ends."
    assert refused("Blend") == (sentence, 1)


def test_ends_with_the_words_of_what_broke_off(
    source: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_words: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("synthesis.mixing.take_back", broken)
    factories.mixture((source, 1), name="Blend")
    sentence, code = refused("Blend")
    assert ("OSError: disk full" in sentence, code) == (True, 1)


@pytest.mark.any_database
class TestLines:
    def lines(self, **fields: object) -> list[str]:
        row = MixtureRow(source=Dataset(name="Tea"), count=5, **fields)
        mixture = Mixture(pk=1, total=5)
        mixture._prefetched_objects_cache = {"rows": [row]}
        return list(run_mixture_command.lines(mixture))

    def test_tell_of_a_row_that_was_not_begun(self) -> None:
        assert self.lines() == ["Tea: 0 of 5 records, 0 replaced."]

    def test_tell_why_a_row_is_short(self) -> None:
        assert self.lines(found=6, drawn=4, replaced=2, label="drinks") == [
            "Tea → drinks: 4 of 5 records, 2 replaced. The filters found 6 records."
            " 2 were refused by the checks of the output dataset."
        ]

    def test_show_a_name_with_signs_as_it_is(self) -> None:
        assert self.lines(label="%s {0}")[0].startswith("Tea → %s {0}: 0 of 5")
