from __future__ import annotations

import pytest

from quality.content import Kind
from tests.quality.content.finding import found

REFUSALS = (
    "I'm sorry, but I can't assist with that request.",
    "I’m sorry, but I can’t help you with this request.",
    "Sorry, I cannot provide information on that topic.",
    "I apologize, but I am unable to generate this content.",
    "I cannot fulfill your request.",
    "I cannot assist with that.",
    "Unfortunately, I can't create content of this kind.",
    "That would go against my guidelines and violates my programming.",
    "抱歉，我无法提供相关内容。",
    "很抱歉，我不能回答这个问题。",
    "对不起，作为一个AI语言模型，我无法生成此类内容。",
    "我无法满足您的请求。",
    "我无法回答这个问题。",
    "让我们换个话题吧。",
    "I must respectfully decline to write this.",
    "It would not be appropriate for me to comment on that.",
)
AI_SPEAK = (
    "As an AI language model, I think tea is nice.",
    "As a large language model trained by a company, I know this.",
    "As an AI, I have no feelings.",
    "I am just an AI assistant.",
    "My knowledge cutoff is 2023.",
    "As of my last update, the record stands.",
    "作为一个人工智能，我没有感情。",
    "作为人工智能助手，我建议多喝水。",
    "作为一个大型语言模型，我认为茶很好。",
    "作为AI语言模型，我的看法如下。",
    "我是一个人工智能助手。",
    "我的训练数据截止到2023年。",
    "As of my last knowledge update, nobody knew.",
    "I do not have personal opinions.",
    "I don't have access to real-time data.",
    "我没有个人情感。",
    "我无法访问互联网。",
)
PLACEHOLDERS = (
    "Dear [Your Name], welcome.",
    "Contact [insert phone number here].",
    "Lorem ipsum dolor sit amet.",
    "The answer is XXX.",
    "TODO: write this",
    "<insert answer>",
    "This is placeholder text.",
    "请在此处填写答案",
    "此处填写内容",
    "公司名称：【请填写】",
    "答案待补充",
    "某某公司的张经理",
)


@pytest.mark.parametrize("text", REFUSALS)
def test_finds_a_refusal(text: str) -> None:
    assert [code for code, _shown in found(Kind.REFUSAL, text)][:1] == ["refusal"]


@pytest.mark.parametrize("text", AI_SPEAK)
def test_finds_talk_about_being_a_model(text: str) -> None:
    assert [code for code, _shown in found(Kind.AI_SPEAK, text)][:1] == ["ai_speak"]


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_finds_a_placeholder(text: str) -> None:
    assert [code for code, _shown in found(Kind.PLACEHOLDER, text)] == ["placeholder"]


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't make it to the party on Friday.",
        "She apologised and said she was unable to come.",
        "You cannot divide by zero.",
        "抱歉，我今晚不能参加聚会了。",
        "对不起，我来晚了。",
        "他无法回答老师的问题。",
        "机器学习作为人工智能的重要分支，发展很快。",
        "作为人工智能专业的学生，他很努力。",
        "Language models predict the next word.",
        "The AI industry is growing, as an economist would say.",
        "Put it on your to-do list.",
        "See [1] and [Smith 2020] for the dates.",
        "Mail it to [email] or call [phone], see [link].",
        "Read [your guide](guide.html) first.",
        "请在表格里填写姓名。",
        "if x < y: a[name] = 3",
        "她在某某年的春天离开了家。",
        "I do not have any money, and I don't have the time.",
        "I declined to answer the question of the reporter.",
        "我没有感情用事，也没有时间。",
        "我没有自己的房间。",
    ],
)
def test_leaves_ordinary_sentences_alone(text: str) -> None:
    kinds = (Kind.REFUSAL, Kind.AI_SPEAK, Kind.PLACEHOLDER)
    assert [found(kind, text) for kind in kinds] == [[], [], []]


@pytest.mark.parametrize("text", [*REFUSALS, *AI_SPEAK, *PLACEHOLDERS])
def test_finds_the_same_in_capitals(text: str) -> None:
    kinds = (Kind.REFUSAL, Kind.AI_SPEAK, Kind.PLACEHOLDER)
    assert any(found(kind, text.upper()) for kind in kinds)


@pytest.mark.parametrize("unit", ["sorry ", "抱歉我", "作为一个", "i am an ai", "[your ", "as an "])
def test_reads_a_long_odd_text_in_no_time(unit: str) -> None:
    for kind in (Kind.REFUSAL, Kind.AI_SPEAK, Kind.PLACEHOLDER):
        assert len(found(kind, unit * 10_000)) <= 1
