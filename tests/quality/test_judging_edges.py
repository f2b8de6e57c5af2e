"""Who is judged, what the judges' scores do at their edges, and what a judge cannot be made see."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from quality import agreement, findings, judge, judge_work, judging
from quality.models import Judgement, Rubric, RubricVersion
from synthesis.models import Batch, Record, Run
from tests.factories import dimension

HASHES = [f"{number:064x}" for number in range(400)]
points = st.floats(0, 100).map(lambda value: round(value, 2))
texts = st.text(st.sampled_from("ab <>/END RECORD12\n茶😀\ud800\x00{}"), max_size=40)
FENCE = re.compile(r"<<<(END )?(PROMPT(?: \d+)?|SOURCE|RECORD \d+) (\w{16})>>>")


def settled(scores: list[float], threshold: float) -> Record:
    record = Record(content={})
    judging.settle(record, scores, settings(threshold=threshold))
    return record


def settings(**fields: Any) -> judging.JudgeSettings:
    usual = {
        "models": (1,),
        "share": 100,
        "threshold": 60,
        "disagreement": 25,
        "records_per_call": 1,
    }
    return judging.JudgeSettings(rubric_version=RubricVersion(rubric=Rubric()), **usual | fields)


# Sampling


@given(st.integers(0, 2**31), st.integers(0, 100), st.integers(0, 100))
def test_a_larger_share_judges_the_same_records_and_more(seed, one, other):
    small, large = sorted([one, other])
    for text in HASHES[:40]:
        if judging.is_in_sample(seed, text, small):
            assert judging.is_in_sample(seed, text, large)


@pytest.mark.parametrize("share", [1, 10, 50, 90, 99])
def test_a_share_is_kept_within_what_chance_allows(share):
    drawn = sum(judging.is_in_sample(7, text, share) for text in HASHES)
    # Four standard deviations of 400 draws are 40 records at most.
    assert abs(drawn - 400 * share / 100) <= 4 * (400 * share * (100 - share)) ** 0.5 / 100


def test_runs_do_not_draw_the_same_records():
    first, second = (
        {text for text in HASHES if judging.is_in_sample(seed, text, 50)} for seed in (1, 2)
    )
    assert 50 < len(first & second) < 150


@pytest.mark.parametrize("status", [*Record.Status.values])
@pytest.mark.parametrize("is_stored", [False, True], ids=["new", "stored"])
def test_only_new_accepted_records_wait(status, is_stored):
    record = Record(pk=5 if is_stored else None, batch_id=7, content_hash=HASHES[0], status=status)
    judging.hold([record], Run(seed=1), settings())
    waits = status == "accepted" and not is_stored
    assert record.status == ("pending" if waits else status)


# Deciding


@given(st.lists(points, min_size=1, max_size=3), points)
def test_the_mean_decides_and_is_never_beyond_the_judges(scores, threshold):
    record = settled(scores, threshold)
    assert min(scores) - 0.005 <= record.judge_score <= max(scores) + 0.005
    assert (record.status == "accepted") == (record.judge_score >= threshold)


@given(st.lists(points, min_size=2, max_size=3), points)
def test_the_order_of_the_judges_changes_nothing(scores, threshold):
    one, other = settled(scores, threshold), settled(scores[::-1], threshold)
    assert (one.status, one.findings) == (other.status, other.findings)


@pytest.mark.parametrize(
    ("scores", "threshold", "codes"),
    [
        pytest.param([0], 0, [], id="nothing is enough for a mark of nothing"),
        pytest.param([100], 100, [], id="everything is enough for everything"),
        pytest.param([99.99], 100, ["below"], id="a hundredth is missing"),
        pytest.param([59.99], 60, ["below"], id="a hundredth below"),
        pytest.param([60.01], 60, [], id="a hundredth above"),
        pytest.param([60, 85], 60, [], id="as far apart as they may be"),
        pytest.param([60, 85.01], 60, ["disagreement"], id="a hundredth too far"),
        pytest.param([0, 100], 60, ["below", "disagreement"], id="both"),
        pytest.param([59.99, 60.01], 60, [], id="a mean that is just enough"),
    ],
)
def test_finds_at_the_edge(scores, threshold, codes):
    record = settled(scores, threshold)
    assert [found["code"] for found in record.findings] == codes
    assert (record.status == "rejected") == ("below" in codes)


@pytest.mark.parametrize(
    ("finding", "english", "chinese"),
    [
        (
            {"code": "below", "score": 59.99, "threshold": 60},
            "The judge gives 59.9 of 100; 60.0 are needed.",
            "60.0",
        ),
        (
            {"code": "disagreement", "lowest": 0, "highest": 100},
            "The judges disagree: 0.0 and 100.0 of 100.",
            "100.0",
        ),
    ],
)
def test_a_finding_never_reads_as_if_it_were_none(finding, english, chinese):
    whole = {"check": "judge", **finding}
    assert findings.sentence(whole) == english
    with translation.override("zh-hans"):
        sentence = findings.sentence(whole)
    assert chinese in sentence
    assert not sentence.isascii()


@pytest.mark.parametrize("code", [*judge.PROBLEMS])
@pytest.mark.parametrize("detail", ["", "正确性", "Style 50%"])
def test_what_was_wrong_with_an_answer_is_read_back_from_its_batch(code, detail):
    words = f"{judge.PROBLEMS[code]} {detail}".strip()
    batch = Batch(error_code="reply_malformed", error_detail=words)
    assert judge_work.reason_of(batch) == (code, detail)
    assert judging.problem(code, detail).endswith(detail or ".")


@pytest.mark.parametrize("code", ["rate_limited", "timeout", "authentication_failed", "of_later"])
def test_a_call_that_failed_is_told_by_its_own_error(code):
    batch = Batch(error_code=code, error_detail="Said the vendor.")
    assert judge_work.reason_of(batch) == (code, "Said the vendor.")
    assert judging.problem(code, "Said the vendor.").endswith(" Said the vendor.")


def test_an_answer_that_is_wrong_in_a_new_way_keeps_its_words():
    batch = Batch(error_code="reply_malformed", error_detail="Something else.")
    assert judge_work.reason_of(batch) == ("reply_malformed", "Something else.")


# Calls


@given(st.lists(st.integers(1, 4), max_size=30), st.integers(1, 20))
def test_every_record_is_in_one_group_of_one_batch(batches, size):
    records = [Record(pk=pk, batch_id=batch) for pk, batch in enumerate(batches)]
    found = judge_work.groups(records, size)
    assert sorted(record.pk for group in found for record in group) == list(range(len(batches)))
    for group in found:
        assert 0 < len(group) <= size
        assert len({record.batch_id for record in group}) == 1


@given(st.lists(st.integers(1, 4), max_size=30), st.integers(1, 20))
def test_no_call_is_made_that_could_have_been_spared(batches, size):
    records = [Record(pk=pk, batch_id=batch) for pk, batch in enumerate(batches)]
    fewest = sum(-(-batches.count(batch) // size) for batch in set(batches))
    assert len(judge_work.groups(records, size)) == fewest


@pytest.mark.parametrize("judges", [1, 2])
@pytest.mark.parametrize("has_source", [False, True])
def test_a_planned_call_keeps_what_it_will_ask(judges, has_source):
    rows = [dimension("Truth", weight=2), dimension("Grounding", needs_source=True)]
    chosen = settings(models=(8, 9)[:judges])
    chosen.rubric_version.dimensions = rows
    found = [
        judge_work.planned(chosen, [Record(pk=3), Record(pk=4)], place, has_source=has_source)
        for place in range(judges)
    ]
    assert [batch.language_model_id for batch in found] == [8, 9][:judges]
    assert [batch.values["position"] for batch in found] == ["first", "second"][:judges]
    asked = [{"name": "Truth", "weight": 2}, {"name": "Grounding", "weight": 1}]
    assert all(batch.values["asked"] == asked[: 1 + has_source] for batch in found)
    assert all(batch.subject == [3, 4] for batch in found)


def test_a_judgement_says_by_which_mark_it_passed():
    batch = Batch(pk=1, language_model_id=2, values={"position": "first", "rubric": 3})
    verdict = judge.Verdict([], 70.0)
    passed = [judge_work.scored(batch, verdict, 4, mark).passed for mark in (69.9, 70, 70.1)]
    assert passed == [True, True, False]
    assert judge_work.failure(batch, 4, 70).state == Judgement.State.FAILED


# What the judge is shown


RUBRIC = Rubric(dimensions=[dimension("Truth"), dimension("Grounding", needs_source=True)])


def shown(*cases: judge.Case) -> str:
    asked = judge.asked_of(RUBRIC, cases)
    return judge.messages(RUBRIC, asked, cases, instruct=False)[1].content


prompts = st.lists(texts, max_size=3).map(tuple)
cases = st.builds(judge.Case, content=texts, prompts=prompts, source=texts)


@given(st.lists(cases, min_size=1, max_size=4))
def test_fences_open_and_close_one_after_the_other(given_cases):
    whole = shown(*given_cases)
    [mark] = {match[2] for match in FENCE.findall(whole) if match[2] == genuine(given_cases)}
    marks = [match for match in FENCE.finditer(whole) if match[3] == mark]
    for opening, closing in zip(marks[::2], marks[1::2], strict=True):
        assert (opening[1], closing[1], opening[2]) == (None, "END ", closing[2])
    numbers = [match[2] for match in marks[::2] if match[2].startswith("RECORD")]
    assert numbers == [f"RECORD {number}" for number in range(1, len(given_cases) + 1)]


def genuine(given_cases: list[judge.Case]) -> str:
    return judge.mark_of([(*case.prompts, case.source, case.content) for case in given_cases])


@given(st.lists(cases, min_size=1, max_size=4))
def test_no_text_of_a_call_holds_its_mark(given_cases):
    mark = genuine(given_cases)
    told = ((*case.prompts, case.source, case.content) for case in given_cases)
    assert not any(mark in text for texts in told for text in texts)


@given(st.lists(cases, min_size=1, max_size=4))
def test_asks_about_a_source_only_where_every_record_has_one(given_cases):
    has_source = all(case.source for case in given_cases)
    assert ("Grounding" in shown(*given_cases)) is has_source


@given(st.text(max_size=300), st.integers(10, 200))
def test_a_shortened_text_keeps_its_ends_and_says_what_is_missing(text, most):
    short = judge.shortened(text, most)
    if len(text) <= most:
        assert short == text
        return
    head, left_out, tail = re.fullmatch(r"(.*)\n\[… (\d+) …\]\n(.*)", short, re.DOTALL).groups()
    assert text.startswith(head)
    assert text.endswith(tail)
    assert len(head) + int(left_out) + len(tail) == len(text)
    assert len(head) + len(tail) <= most + 1


@pytest.mark.parametrize(
    ("names", "instructions", "language"),
    [
        (["Truth"], "", "en"),
        (["Truth"], "Be exact.", "en"),
        (["正确性"], "", "zh"),
        (["Truth"], "请严格评审。", "zh"),
        (["Vérité"], "Sévère", "en"),
        ([], "", "en"),
    ],
)
def test_the_judge_is_spoken_to_in_the_language_of_its_rubric(names, instructions, language):
    rubric = Rubric(instructions=instructions, dimensions=[dimension(name) for name in names])
    assert judge.language(rubric) == language


@pytest.mark.parametrize(
    ("most", "scores", "tokens"),
    [
        (None, 1, 672),
        (None, 10, 2112),
        (None, 100, 8192),
        (500, 1, 500),
        (1_000_000, 100, 16_512),
    ],
)
def test_room_for_an_answer_grows_with_what_is_asked(most, scores, tokens):
    model = SimpleNamespace(
        max_output_tokens=most,
        default_parameters={},
        split_parameters=lambda parameters: (parameters, {}),
    )
    assert judge.parameters(model, scores)["max_tokens"] == tokens


# Agreement


@given(st.lists(st.tuples(points, st.booleans()), min_size=1, max_size=25), points)
def test_a_mark_counts_every_record_once(labelled, threshold):
    found = agreement.mark_at(threshold, labelled)
    assert found.total == len(labelled)
    passed = found.passed_approved + found.passed_rejected
    assert passed == sum(score >= threshold for score, _approved in labelled)
    assert found.agreement == pytest.approx(found.agreed / len(labelled))


@given(st.lists(st.tuples(points, st.booleans()), min_size=1, max_size=25), points, points)
def test_a_higher_mark_passes_no_more(labelled, one, other):
    low, high = (agreement.mark_at(mark, labelled) for mark in sorted([one, other]))
    assert high.passed_approved <= low.passed_approved
    assert high.passed_rejected <= low.passed_rejected
