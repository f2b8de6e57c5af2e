"""What the rule score says of good and of broken records, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from quality import scoring
from quality.scoring import Context, Openings, UnknownPartError, Weights
from synthesis.models import Record
from tests import factories

LONG = "Green tea is picked by hand in spring, and then dried within the day. "
GOOD = [
    {
        "question": "What is photosynthesis?",
        "answer": (
            "Photosynthesis is the process by which green plants turn sunlight, water and "
            "carbon dioxide into sugar and oxygen."
        ),
    },
    {
        "question": "什么是光合作用？",
        "answer": "光合作用是绿色植物利用阳光，把二氧化碳和水转化为糖类并释放氧气的过程。",
    },
    {"question": "What is the capital of France?", "answer": "Paris"},
    {"question": "法国的首都是哪里？", "answer": "巴黎"},
    {"question": "What is 12+5?", "answer": "17"},
    {"question": "12 + 5 等于多少？", "answer": "17"},
    {"question": "Is water wet?", "answer": "Yes."},
    {"text": "The battery died after two days and nobody answered my mails.", "label": "negative"},
    {
        "text": (
            "住到第三晚，隔壁大哥打的每个电话我都会背了。他是卖保险的，有需要的可以找我要联系方式"
        ),
        "label": "负面",
        "reason": "用调侃的方式说明房间完全不隔音。",
    },
    {"text": "好评！", "label": "正面"},
    {
        "instruction": "Write a Python function that adds two numbers.",
        "input": "",
        "output": "def add(a, b):\n    return a + b",
    },
    {
        "instruction": "用 SQL 查询工资最高的员工",
        "input": "",
        "output": "SELECT name FROM employees ORDER BY salary DESC LIMIT 1;",
    },
    {
        "topic": "trip",
        "messages": [
            {"role": "user", "content": "Hi, I want to go to Rome in May."},
            {
                "role": "assistant",
                "content": (
                    "May is lovely there. How many days do you have, and what is your budget?"
                ),
            },
            {"role": "user", "content": "Four days, 600 euros"},
            {
                "role": "assistant",
                "content": (
                    "Then take a guesthouse in Trastevere and walk: most sights are within three "
                    "kilometres."
                ),
            },
        ],
    },
    {
        "messages": [
            {"role": "user", "content": "我的快递三天没动了"},
            {"role": "assistant", "content": "请把单号发给我，我帮你查一下停在哪个网点。"},
            {"role": "user", "content": "好的，SF123456"},
            {"role": "assistant", "content": "它停在杭州中转站，明天会送出，届时会有短信通知。"},
        ]
    },
    {
        "prompt": "Explain why the sky is blue.",
        "chosen": (
            "Air scatters short blue wavelengths far more than long red ones, so blue light "
            "reaches the eye from every direction."
        ),
        "rejected": "Because it is.",
    },
    {
        "prompt": "为什么天是蓝的？",
        "chosen": "空气分子对短波长的蓝光散射得更强，所以从各个方向都有蓝光进入眼睛。",
        "rejected": "不知道",
    },
    {
        "question": "Anna has 3 apples and buys 4 more. How many has she?",
        "reasoning": "She starts with 3. She buys 4. 3 + 4 = 7.",
        "answer": "7",
    },
    {
        "text": (
            "The quarterly report shows rising costs, mostly from shipping and packaging, "
            "while sales stayed flat."
        ),
        "summary": "Costs rose; sales stayed flat.",
    },
    {"original": "我今天很高兴。", "rewritten": "今天我心情特别好。"},
    {"question": "Which option is right?", "options": ["A. tea", "B. coffee"], "answer": "B"},
    {"title": "Tea", "body": "Tea is made from the leaves of Camellia sinensis."},
    {"question": "List three fruits", "answer": "1. Apple\n2. Pear\n3. Plum"},
    {"a": 1, "b": 2.5, "ok": True},
    {"instruction": "Translate into French:", "input": "Good morning", "output": "Bonjour"},
    {"instruction": "把下面的句子翻译成英文：", "input": "早上好", "output": "Good morning"},
    {"instruction": "Classify the sentiment.", "input": LONG, "output": "positive"},
    {"question": "谁写了《红楼梦》？", "answer": "曹雪芹"},
    {"question": "What does HTTP stand for?", "answer": "HyperText Transfer Protocol"},
    {"question": "What color is the sky?", "answer": "Blue"},
    {"question": "天空是什么颜色？", "answer": "蓝色"},
    {"prompt": "List the primary colors.", "completion": "Red, yellow, blue"},
    {
        "question": "Write a haiku.",
        "answer": "Soft rain on the roof\nthe old cat sleeps\nwinter goes",
    },
    {"poem": "春眠不觉晓，\n处处闻啼鸟。\n夜来风雨声，\n花落知多少。"},
    {
        "conversations": [
            {"from": "human", "value": "你好"},
            {"from": "gpt", "value": "你好！想聊点什么？"},
        ]
    },
    {"code": "for i in range(3):\n    print(i)\n", "description": "Prints the numbers 0 to 2"},
    {"text": "😀😀 太好笑了", "label": "开心"},
]
BROKEN: list[tuple[str, Any]] = [
    ("length", {"instruction": "Translate into French:", "input": LONG, "output": "Bonjour"}),
    ("length", {"question": "写一首关于雨的诗。", "answer": "下雨"}),
    ("completeness", {"question": "What is photosynthesis?", "answer": ""}),
    ("completeness", {"question": "", "answer": ""}),
    ("completeness", {"question": "什么是光合作用？", "answer": "   "}),
    ("completeness", {"question": "What is tea?", "answer": None}),
    ("completeness", {}),
    ("length", {"question": "Explain how a fridge works.", "answer": "Good"}),
    ("length", {"question": "What is tea?", "answer": "Drink"}),
    ("length", {"question": "请介绍一下长城", "answer": "好的"}),
    ("length", {"question": "茶是什么？", "answer": "喝的"}),
    (
        "repetition",
        {
            "question": "What is tea?",
            "answer": (
                "Tea is a drink. Tea is a drink. Tea is a drink. Tea is a drink. Tea is a drink. "
                "Tea is a drink."
            ),
        },
    ),
    (
        "repetition",
        {
            "question": "什么是茶？",
            "answer": "茶是一种饮料，茶是一种饮料，茶是一种饮料，茶是一种饮料，茶是一种饮料。",
        },
    ),
    ("repetition", {"question": "What is tea?", "answer": "very very very very very very very"}),
    ("repetition", {"question": "What is tea?", "answer": "haaaaaaaaaaaaaaaaaaaaaaaaaaa"}),
    ("repetition", {"question": "什么是茶？", "answer": "哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈"}),
    (
        "readability",
        {
            "question": "What is a café?",
            "answer": "A cafÃ© is a place where people drink coffee, eat cake and donâ€™t hurry.",
        },
    ),
    ("readability", {"question": "什么是茶？", "answer": "èŒ¶æ˜¯ä¸€ç§é¥®æ–™ï¼Œç”±èŒ¶å¶åˆ¶æˆã€‚"}),
    ("repetition", {"question": "什么是茶？", "answer": "锟斤拷锟斤拷锟斤拷，锟斤拷"}),
    (
        "readability",
        {"question": "什么是茶？", "answer": "鑼舵槸涓€绉嶉ギ鏂欙紝鐢辫尪鍙跺埗鎴愩€�"},
    ),
    ("readability", {"question": "What is tea?", "answer": "Tea is a ����� drink ����"}),
    (
        "completeness",
        {
            "question": "Name the causes of the war.",
            "answer": (
                "The three main causes of the war were economic rivalry, colonial ambition and"
            ),
        },
    ),
    (
        "completeness",
        {"question": "什么是光合作用？", "answer": "光合作用是指绿色植物利用阳光，将二氧化碳和"},
    ),
    (
        "completeness",
        {
            "question": "Why?",
            "answer": (
                "There are several reasons. First, the cost of shipping went up by a third in "
                "only two years. Second, the number of custom"
            ),
        },
    ),
    (
        "completeness",
        {
            "question": "为什么？",
            "answer": "原因有几个。首先，运费在两年内上涨了三分之一。其次，海关检查的次数也增",
        },
    ),
    (
        "format",
        {
            "question": "What is the best tea?",
            "answer": "The best tea is [insert name of tea] from {region}.",
        },
    ),
    ("repetition", {"question": "What is tea?", "answer": "What is tea?"}),
    ("repetition", {"question": "What is tea exactly?", "answer": "What is tea exactly?"}),
    (
        "repetition",
        {
            "prompt": "Explain why the sky is blue.",
            "chosen": "Because air scatters blue light most.",
            "rejected": "Because air scatters blue light most.",
        },
    ),
    ("completeness", {"question": "TODO", "answer": "TODO"}),
    ("completeness", {"question": "待补充", "answer": "待补充"}),
    ("readability", {"question": "x", "answer": "@#$%^&*()_+@#$%^&*()"}),
    ("length", {"text": "ok"}),
    ("length", {"answer": "asdkjhaskjdhaksjdhaksjdhaksjdhkasjdhaksjdh"}),
]


@pytest.mark.parametrize("content", GOOD, ids=lambda content: str(content)[:40])
def test_a_good_record_scores_well(content: Any) -> None:
    assert scoring.score(content).total >= 85


@pytest.mark.parametrize(("part", "content"), BROKEN, ids=lambda value: str(value)[:40])
def test_a_broken_record_scores_badly_by_the_part_that_is_broken(part: str, content: Any) -> None:
    found = scoring.score(content)
    assert found.total <= 60
    assert found.parts[part] == min(found.parts.values())


def test_each_part_and_the_total_lie_between_0_and_100() -> None:
    for content in [*GOOD, *(content for _part, content in BROKEN)]:
        found = scoring.score(content)
        assert list(found.parts) == list(scoring.PARTS)
        assert all(0 <= value <= 100 for value in [found.total, *found.parts.values()])


def test_the_total_is_the_weighted_mean_of_the_parts() -> None:
    found = scoring.score({"question": "What is the capital of France?", "answer": "Paris"})
    # (25 + 20 + 10 + 15 + 15) · 100 + 15 · 80 over 100
    assert (found.parts["length"], found.total) == (80, 97.0)


def test_the_total_is_at_most_40_above_the_worst_part() -> None:
    assert scoring.score({"question": "What is tea?", "answer": ""}).total == 40.0


def test_a_part_without_weight_does_not_count() -> None:
    context = Context(weights=Weights.of({"readability": 1, "length": 1}))
    assert scoring.score({"question": "", "answer": "Tea is a drink made of leaves."}, context) == (
        scoring.Score(100.0, {**dict.fromkeys(scoring.PARTS, 100), "completeness": 0})
    )


def test_no_weights_are_the_usual_ones() -> None:
    assert Weights.of({}) == Weights()


def test_a_weight_of_no_part_is_refused() -> None:
    with pytest.raises(UnknownPartError, match="beauty"):
        Weights.of({"beauty": 1})


@pytest.mark.parametrize("weights", [{"length": 0}, {"length": -1, "format": 2}])
def test_weights_that_weigh_nothing_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="not all of them 0"):
        Weights.of(weights)


@pytest.mark.parametrize(("alike", "part"), [(2, 100), (7, 70), (12, 40), (20, 40)])
def test_diversity_falls_with_the_share_of_records_that_begin_alike(alike, part) -> None:
    others = [{"text": f"{chr(97 + number)}bcdefghi"} for number in range(20 - alike)]
    openings = Openings([{"text": LONG}] * alike + others)
    # 35% is halfway between 10% and 60%, and half of the way down from 100 to 40 is 70.
    found = scoring.score({"text": f"{LONG} {alike}"}, Context(openings=openings))
    assert found.parts["diversity"] == part


def test_a_few_records_say_nothing_about_openings() -> None:
    context = Context(openings=Openings([{"text": LONG}] * 19))
    assert scoring.score({"text": LONG}, context).parts["diversity"] == 100


def test_a_field_whose_values_are_listed_may_be_one_word() -> None:
    schema = {"properties": {"answer": {"enum": ["up", "down"]}, "text": {"type": "string"}}}
    content = {"text": "The lift goes to the roof.", "answer": "up"}
    assert scoring.score(content).parts["length"] == 10
    assert scoring.score(content, Context(labels=scoring.labels_of(schema))).total == 100.0


@pytest.mark.parametrize("schema", [{}, {"properties": []}, {"properties": {"a": True}}])
def test_odd_schemas_have_no_labels(schema: dict[str, Any]) -> None:
    assert scoring.labels_of(schema) == frozenset()


@pytest.mark.parametrize(
    "content",
    [
        None,
        17,
        "Tea is a drink.",
        [],
        [[[[[[[[[[[["deep"]]]]]]]]]]]],
        {"a": "<script>" * 12_500},
        {"a": "((((" * 25_000, "b": "{" * 100_000, "c": "a" * 100_000},
        {"a": "\x00\x01\x02 \ud800"},
        {"a": "😀" * 100},
        {str(number): "text" for number in range(1000)},
    ],
    ids=lambda content: str(content)[:20],
)
def test_any_content_has_a_score(content: Any) -> None:
    assert 0 <= scoring.score(content).total <= 100


def records(*answers: str) -> list[Record]:
    return [Record(content={"question": "What is tea?", "answer": answer}) for answer in answers]


def test_records_below_the_minimum_are_rejected_with_the_reason() -> None:
    good, bad = rows = records("A drink made from dried leaves.", "Drink")
    scoring.apply(rows, Weights(), 60)
    assert (good.status, good.findings) == ("accepted", [])
    assert (bad.status, bad.findings) == (
        "rejected",
        [{"check": "score", "code": "below", "score": 50.0, "minimum": 60}],
    )


def test_what_was_refused_before_keeps_its_status_and_gets_a_score() -> None:
    (row,) = rows = records("")
    row.status = "duplicate"
    scoring.apply(rows, Weights(), 60)
    assert (row.status, row.score, row.findings) == ("duplicate", 40.0, [])


@pytest.mark.parametrize(
    "row", [Record(content=None), Record(content={"a": "b"}, status="malformed")], ids=str
)
def test_what_could_not_be_read_has_no_score(row: Record) -> None:
    row.score = 12.0
    scoring.apply([row], Weights(), 60)
    assert (row.score, row.score_parts) == (None, {})


def test_records_of_one_batch_are_compared_with_each_other() -> None:
    rows = records(*["Tea is a drink made from dried leaves, and it is old."] * 40)
    scoring.apply(rows, Weights(), openings=Openings())
    assert [row.score_parts["diversity"] for row in (rows[0], rows[-1])] == [100, 40]


@pytest.mark.django_db
def test_whatever_is_stored_is_scored() -> None:
    (row,) = factories.records(1)
    row.refresh_from_db()
    assert row.score == scoring.score(row.content).total
    assert row.score_parts == scoring.score(row.content).parts


@pytest.mark.django_db
def test_an_edited_record_is_scored_again() -> None:
    (row,) = factories.records(1)
    row.content = {"question": "What is tea?", "answer": ""}
    row.save()
    row.refresh_from_db()
    assert (row.score, row.score_parts["completeness"]) == (40.0, 0)


@pytest.mark.django_db
def test_records_are_compared_with_those_that_the_dataset_holds() -> None:
    into = factories.dataset()
    text = "Tea is a drink made from dried leaves, and it is {} years old."
    for start in (0, 100):
        rows = [Record(content={"text": text.format(start + number)}) for number in range(30)]
        for row in rows:
            row.dataset = into
        Record.objects.write(rows, dataset=into)
    assert rows[0].score_parts["diversity"] == 40
