"""What the page of a mixture shows in each state, and what it offers to do."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from synthesis.admin import mixture_commands, mixture_page
from synthesis.drawing import Forecast
from synthesis.errors import TaskNotReadyError, WrongStateError
from synthesis.models import Dataset, Job, Mixture, MixtureRow

pytestmark = pytest.mark.any_database
STATES = ["draft", "pending", "running", "completed", "short", "failed", "cancelled"]
JOBS = {
    "pending": Job(state="waiting"),
    "running": Job(state="running"),
    "completed": Job(state="done"),
    "short": Job(state="failed", reason_code="mixture_short", reason_detail="3/5"),
    "failed": Job(state="failed", reason_code="broke_off", reason_detail="OSError: full"),
    "cancelled": Job(state="cancelled"),
}


def row(count: int = 5, **fields: Any) -> MixtureRow:
    return MixtureRow(source=Dataset(name="Tea"), count=count, **fields)


def mixture(status: str, *rows: MixtureRow) -> Mixture:
    """Make an unsaved mixture in a state, with rows as if they had been loaded."""
    total = sum(one.count for one in rows)
    made = Mixture(pk=1, name="Blend", total=total, job=JOBS.get(status))
    made.completed_at = "now" if status == "completed" else None
    made._prefetched_objects_cache = {"rows": list(rows)}
    return made


@pytest.mark.parametrize(
    ("status", "names"),
    [
        ("draft", ["start", "take"]),
        ("pending", ["cancel"]),
        ("running", ["cancel"]),
        ("completed", []),
        ("short", ["rerun", "take"]),
        ("failed", ["rerun"]),
        ("cancelled", ["rerun"]),
    ],
)
def test_offers_what_is_possible_in_a_state(status: str, names: list[str]) -> None:
    found = mixture(status, row())
    assert found.status == status
    assert [command.name for command in mixture_commands.possible(found)] == names


@pytest.mark.parametrize("name", ["rerun", "take"])
def test_asks_before_it_takes_anything_back_or_leaves_a_row_short(name: str) -> None:
    assert mixture_commands.COMMANDS[name].confirmation


def test_nothing_is_cancelled_that_never_started() -> None:
    sentence = "This is not possible while the run is “draft”."
    with pytest.raises(WrongStateError, match=sentence):
        mixture("draft", row()).cancel()


@pytest.mark.parametrize("status", ["pending", "running"])
def test_nothing_is_deleted_at_work(status: str) -> None:
    sentence = "The task is still running. Cancel it, or wait until it ends."
    with pytest.raises(TaskNotReadyError, match=sentence):
        mixture(status, row()).delete()


@pytest.mark.parametrize("status", STATES)
def test_every_state_has_a_word_in_both_languages(status: str) -> None:
    found = mixture(status, row(drawn=5))
    with translation.override("zh-hans"):
        assert not found.status_label.isascii()
    assert found.status_label.isascii()


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("draft", ""),
        ("cancelled", ""),
        (
            "short",
            "Only 3/5 records could be drawn; the rows say why. Ask for fewer, filter less, or"
            " take what is there.",
        ),
    ],
)
def test_tells_a_reason_where_it_ended_without_all(status: str, reason: str) -> None:
    assert mixture(status, row()).reason == reason


def test_is_completed_without_a_reason_though_an_attempt_before_was_short() -> None:
    found = mixture("completed", row(drawn=5))
    found.job = JOBS["short"]
    assert (found.status, found.reason, found.status_label) == ("completed", "", "completed")


@pytest.mark.parametrize(
    ("drawn", "percent"), [((None, None), 0), ((1, 0), 10), ((5, 4), 90), ((5, 5), 100)]
)
def test_progress_counts_the_rows(drawn: tuple[int | None, ...], percent: int) -> None:
    rows = [row(drawn=number) for number in drawn]
    assert mixture("running", *rows).progress_percent == percent


class TestFigures:
    def test_a_draft_has_no_bar_to_fill(self) -> None:
        found = mixture_page.figures(mixture("draft", row()))
        assert found["run"] is None

    @pytest.mark.parametrize(("drawn", "whole"), [(0, 5), (3, 5), (5, 5)])
    def test_the_bar_is_full_with_the_total(self, drawn: int, whole: int) -> None:
        found = mixture_page.figures(mixture("running", row(drawn=drawn)))
        assert (found["run"].accepted, found["bar"]["whole"]) == (drawn, whole)


class TestOverview:
    def test_tells_at_work_what_is_drawn_and_no_problem_yet(self) -> None:
        found = mixture_page.overview(mixture("running", row(found=9, drawn=2, replaced=1)))
        [shown] = found["rows"]
        assert (shown["name"], shown["target"], shown["accepted"]) == ("Tea", 5, 2)
        assert (shown["found"], shown["problem"]) == (9, "")

    def test_tells_at_the_end_why_a_row_is_short(self) -> None:
        rows = row(found=3, drawn=3), row(8, found=9, drawn=8)
        found = mixture_page.overview(mixture("short", *rows))
        assert [shown["problem"] for shown in found["rows"]] == [
            "The filters found 3 records.",
            "",
        ]
        assert found["largest"] == 8

    @pytest.mark.parametrize("status", ["draft", "short", "failed", "cancelled"])
    def test_foretells_where_nothing_was_drawn(
        self, status: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one = row()
        foretold = [(one, Forecast(found=4, drawable=4))]
        monkeypatch.setattr(Mixture, "forecasts", lambda _mixture: foretold)
        [shown] = mixture_page.overview(mixture(status, one))["rows"]
        assert shown["problem"] == "The filters find 4 records; 5 are wanted."
        assert (shown["found"], shown["accepted"]) == (4, 0)

    def test_a_row_that_drew_nothing_is_drawn_though(self) -> None:
        [shown] = mixture_page.overview(mixture("cancelled", row(found=9, drawn=0)))["rows"]
        assert (shown["found"], shown["accepted"], shown["problem"]) == (9, 0, "")

    def test_of_no_rows_there_is_no_largest(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Mixture, "forecasts", lambda _mixture: [])
        assert mixture_page.overview(mixture("draft")) == {"rows": [], "largest": 0}


class TestShortage:
    def test_of_a_row_that_found_nothing_names_the_filters_only(self) -> None:
        assert row(found=0, drawn=0).shortage == "The filters found 0 records."

    def test_names_other_rows_where_nothing_was_refused(self) -> None:
        sentences = "The filters found 9 records. 6 were drawn by other rows."
        assert row(found=9, drawn=3).shortage == sentences

    def test_is_nothing_before_the_first_attempt(self) -> None:
        assert (row().missing, row().shortage) == (5, "")

    @pytest.mark.parametrize(
        ("forecast", "is_short"), [((5, 5), False), ((6, 4), True), ((4, 4), True), ((0, 0), True)]
    )
    def test_is_foreseen_of_what_is_left(self, forecast: tuple[int, int], is_short: bool) -> None:
        foretold = Forecast(found=forecast[0], drawable=forecast[1])
        assert bool(row().foreseen_shortage(foretold)) is is_short


@pytest.mark.parametrize("text", ["100%", "%(text)s", "{text}", "<b>"])
def test_a_filter_shows_any_text_as_it_is(text: str) -> None:
    assert row(field="a", text=text).filters() == [("a", f"contains “{text}”")]
    assert row(field="a", text=text, is_whole=True).filters() == [("a", f"is “{text}”")]


def test_a_title_shows_any_label_as_it_is() -> None:
    assert row(label="%s {0} → x").title == "Tea → %s {0} → x"
