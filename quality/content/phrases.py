"""Sentences that show a reply instead of a record: refusals, talk of models, placeholders."""

from __future__ import annotations

import re
from collections.abc import Callable

from quality.content.clues import awaited
from quality.content.subject import SEPARATOR, Hit, Subject

LONGEST_SHOWN = 60
# Each pattern only fits a text that holds one of the words beside it.
Family = tuple[frozenset[str], tuple[str, ...]]
_I_CANNOT = r"(?:i(?:'m| am) (?:unable|not able) to|i (?:can ?not|can't|won't|will not))"
_TASKS = (
    r"(?:assist|comply|fulfil|help (?:you )?with (?:that|this|your request)\b|provide (?:that|this"
    r"|any|information|assistance|instructions|content)|generate|create (?:that|this|content|any)"
    r"|answer (?:that|this|your)|engage in|discuss|participate in|continue with this)"
)
_ZH_TASKS = r"(?:提供|回答|协助|帮助|满足|完成|生成|继续|讨论|执行|处理|创作|撰写|参与|给出|进行)"
REFUSALS = (
    awaited(
        *("sorry", "apolog", "unable", "cannot", "can't", "can not", "won't", "will not"),
        *("not able", "my programming", "my guidelines", "my content polic", "decline"),
        "appropriate for me",
    ),
    (
        r"(?:^|\x00)\W{0,3}(?:i(?:'m| am) (?:(?:very |so |really )?sorry|afraid)|sorry"
        r"|i apologi[sz]e|my apologies|unfortunately)\b[^.!?\x00]{0,40}?"
        rf"\b{_I_CANNOT} (?:\w+ )?{_TASKS}",
        rf"(?:^|\x00)\W{{0,3}}{_I_CANNOT} {_TASKS}",
        rf"{_I_CANNOT} (?:assist|help|comply) with (?:that|this|your|such) (?:request|question)",
        rf"{_I_CANNOT} fulfil+ (?:that|this|your|such)",
        r"\bi must (?:respectfully |politely )?decline to (?:answer|write|provide|create|assist)",
        r"(?:not (?:be )?|in)appropriate for me to\b",
        r"(?:against|violates?|goes against) my (?:programming|guidelines|content polic)",
    ),
)
ZH_REFUSALS = (
    awaited(
        *("抱歉", "对不起", "无法", "不能", "没办法", "没有办法", "换个话题", "使用政策"),
        *("内容政策", "使用准则"),
    ),
    (
        rf"(?:^|\x00)\W{{0,3}}(?:非常|很|十分)?(?:抱歉|对不起|不好意思)[，,。!！ ]{{0,2}}"
        rf"(?:但是?)?(?:作为[^，,。\x00]{{1,20}}[，,])?(?:我|本人|这边)?"
        rf"(?:无法|不能|没办法|没有办法)[^，。\x00]{{0,8}}?{_ZH_TASKS}",
        r"我?(?:无法|不能)(?:满足|完成|执行|回应|处理)(?:您|你)(?:的|这个|此)[^，。\x00]{0,6}(?:请求|要求)",
        r"(?:^|\x00)\W{0,3}我(?:无法|不能)(?:回答|提供|协助|生成|讨论)(?:这个|这类|此类|该|关于|相关|任何)",
        r"(?:^|\x00)\W{0,3}我(?:无法|不能)(?:帮助|协助)[您你]",
        r"让我们换个话题|我们换个话题(?:聊聊|再聊|吧)",
        r"违反了?(?:我的|我们的|相关)?(?:使用政策|内容政策|使用准则)",
    ),
)
AI_SPEAK = (
    awaited(
        *("language model", " ai", "artificial", "my knowledge", "my last", "as of my"),
        *("my training", "i don't have", "i do not have", "my latest"),
    ),
    (
        r"\bas an? (?:helpful |large |responsible )?(?:ai|artificial intelligence)"
        r"(?: language)?(?: model| assistant| system| chatbot)?(?:,| i\b)",
        r"\bas an? (?:large )?language model,? (?:i\b|my\b|trained)",
        r"\bas an ai (?:language model|assistant|model)\b",
        r"\bi(?:'m| am) (?:just |only |simply |merely )?an? (?:ai|artificial intelligence|large "
        r"language|language) (?:model|assistant|language model|developed|trained|created|and)",
        r"\bmy (?:knowledge (?:cut-?off|base (?:ends|was))|last knowledge update"
        r"|last update (?:is|was) in|training data)",
        r"\bas of my (?:last|latest|knowledge)",
        r"\bi (?:don't|do not) have (?:any )?(?:personal (?:opinions?|feelings?|experiences?"
        r"|beliefs?)|access to (?:real-time|the internet|current)"
        r"|the ability to (?:browse|access))",
    ),
)
ZH_AI_SPEAK = (
    awaited(
        *("作为", "我是", "我只是", "我仅仅是", "我的知识", "我的训练数据", "截至我", "我没有"),
        "我无法访问",
    ),
    (
        r"作为(?:一个|一名|一款|一种)?(?:大型?|大规模|基于)?[^，,。\x00]{0,6}?"
        r"(?:人工智能|ai|语言模型|大模型)(?:语言)?(?:助手|模型|助理|机器人|系统)?[，,]?\s?我",
        r"作为(?:一个|一名|一款)?(?:人工智能|ai)(?:语言)?(?:模型|助手|助理)",
        r"作为(?:一个|一名|一款)(?:大型?|大规模)?(?:语言模型|人工智能[，,])",
        r"我(?:只|仅仅)?是(?:一个|一名|一款|由)[^，,。\x00]{0,12}"
        r"(?:人工智能|ai|语言)(?:语言)?(?:模型|助手|助理|程序)",
        r"我的(?:知识(?:库)?(?:截止|更新)|训练数据)",
        r"截至我(?:的|最后|上次)",
        r"我没有(?:个人|自己的)?(?:情感|感情|意识|主观)(?:和|或|、|，|。|$|\x00)",
        r"我无法访问(?:互联网|网络|实时|外部)",
    ),
)
PLACEHOLDERS = (
    awaited(
        *("lorem ipsum", "[", "<", "【", "xxx", "todo", "tbd", "fixme", "placeholder", "填写"),
        *("填入", "待补充", "占位", "示例文本", "插入", "输入", "补充", "省略", "某某"),
    ),
    (
        r"\blorem ipsum\b|\bdolor sit amet\b",
        # A mark of ours, such as [email], is none, nor is a[name], a link of Markdown, or the
        # key [Enter].
        r"(?<![\w\])])\[(?:insert|your|add|enter(?! ?\])|fill in|placeholder|company"
        r"|recipient|customer|product|name|date|city|topic|title"
        r"|(?:address|phone|email|link|url) )\b[^\[\]\x00]{0,40}\](?!\()",
        r"<(?:insert|your|enter(?! ?>)|placeholder)\b[^<>\x00]{0,40}>",
        r"(?<![a-z0-9_/.-])xxx+(?![a-z0-9_])",
        r"(?:^|\x00|[\s(\[*])(?:todo|fixme|tbd)(?:[:：\])]|$|\x00|\s*\()",
        r"\bplaceholder (?:text|content|answer|value)\b",
        r"请?(?:在?此处|在?这里)请?(?:填写|填入|插入|输入|补充)",
        r"[【\[](?:请)?(?:填写|填入|插入|输入|待补充|待填写|你的|您的|姓名|公司名称?|日期)[^】\]\x00]{0,20}[】\]]",
        r"[（(](?:待补充|待填写|此处省略)[^）)\x00]{0,10}[）)]|(?:内容|答案)待补充",
        r"占位(?:符|文本|内容)文?本?|示例文本",
        r"某某(?:公司|大学|学校|某某)",
    ),
)


def finder(code: str, *families: Family) -> Callable[..., list[Hit]]:
    """Return a function that finds the first place of each family of patterns."""
    compiled = [(words, re.compile("|".join(patterns))) for words, patterns in families]

    def find(subject: Subject) -> list[Hit]:
        hits = []
        for words, pattern in compiled:
            if subject.has_any(words) and (match := pattern.search(subject.folded)):
                # The end of the text before may be part of what fits.
                start = match.start() + match[0].startswith(SEPARATOR)
                shown = match[0].strip(f" {SEPARATOR}")[:LONGEST_SHOWN]
                hits.append(Hit(code, start, match.end(), "", shown))
        return hits

    return find
