from __future__ import annotations

import pytest

from quality.content import Kind
from tests.quality.content.finding import found

PROSE = (
    "The lighthouse keeper climbed the stairs each evening, trimmed the lamp, and wrote the weather"
    " in a ledger whose first pages nobody alive had read."
)
ZH_PROSE = (
    "守灯塔的人每天傍晚登上楼梯，修剪灯芯，再把天气写进一本册子，"
    "册子最初的几页已经没有活着的人读过。"
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Well" + "l" * 11 + " done", "l × 13"),
        ("太好了" + "哈" * 12, "哈 × 12"),
        ("Stop" + "!" * 15, "! × 15"),
        (f"{PROSE} {'a' * 40} {PROSE}", "a × 40"),
    ],
)
def test_finds_a_run_of_one_character(text: str, value: str) -> None:
    assert found(Kind.REPETITION, text) == [("run", value)]


@pytest.mark.parametrize(
    "text",
    [
        "I love tea. " * 10,
        "好的好的" * 12,
        "今天天气很好。" * 8,
        f"{PROSE} " + "and then he said that " * 20,
        ZH_PROSE + "因为这个原因所以" * 15,
        f"{PROSE} {PROSE} {PROSE} {PROSE}",
        f"{PROSE * 20} {'over and over again ' * 100}",
    ],
)
def test_finds_a_text_that_goes_round_in_circles(text: str) -> None:
    assert [code for code, _value in found(Kind.REPETITION, text)] == ["loop"]


@pytest.mark.parametrize(
    "text",
    [
        PROSE,
        ZH_PROSE,
        "-" * 60,
        "=====================\nTitle\n=====================",
        "Wait" + "." * 30,
        "0000000000000000",
        "Name: ____________________",
        "| a | b |\n|-------------|-------------|\n| 1 | 2 |",
        "Receives raw [wsproto.events.Event][wsproto.events.Event]; "
        "[receive_text()][a.receive_text], [receive_bytes()][a.receive_bytes]"
        " or [receive_json()][a.receive_json] do more.",
        "Row, row, row your boat, gently down the stream.",
        "哈哈哈，真好笑。",
        "aaaaaaaaaaa",
        "",
    ],
)
def test_leaves_ordinary_texts_alone(text: str) -> None:
    assert found(Kind.REPETITION, text) == []


@pytest.mark.parametrize("unit", ["a", "ab", "啊", "xyz ", "!?"])
def test_reads_a_long_odd_text_in_no_time(unit: str) -> None:
    assert len(found(Kind.REPETITION, unit * 50_000)) == 1
