"""What the edits put in the place of what: written for them alone, none of it the product's."""

from __future__ import annotations

SYNONYMS = {
    "en": """
        because/since usually/normally quickly/rapidly small/little large/big big/large start/begin
        almost/nearly explain/describe describe/explain show/demonstrate shows/demonstrates
        write/compose give/provide gives/provides need/require needs/requires answer/reply
        shop/store shops/stores lovely/charming quiet/calm whole/entire often/frequently
        right/correct wrong/incorrect choose/pick find/locate happens/occurs check/inspect
        difference/distinction child/kid children/kids people/folks doctor/physician price/cost
        flat/apartment pictures/images picture/image story/tale error/fault example/instance
        meeting/session company/firm workers/labourers film/movie excellent/superb great/terrific
        terrible/awful friendly/kind each/every should/must only/just until/till told/informed
        quick/speedy easy/simple hard/difficult fully/completely simply/merely therefore/thus
        also/likewise still/yet make/create makes/creates created/made built/constructed
        decided/resolved questions/queries words/terms closed/shut tiny/minute opened/unsealed
        ask/inquire asked/requested usual/common lets/allows let/allow use/employ
        safe/secure harmless/innocuous recognise/identify travels/moves returns/yields
        design/devise summarise/condense suggest/propose
        compute/calculate average/mean journey/trip harbour/port sentence/phrase
        apologise/regret revised/amended attached/enclosed impressed/struck reminder/notice
        loves/adores expected/hoped beautiful/pretty solid/sturdy long/lengthy together/jointly
    """,
    "zh": """
        为什么/为何 怎样/如何 怎么/怎样 因为/由于 所以/因此 可是/但是 如果/假如 应该/应当 应当/应该
        检查/查看 解释/说明 说明/解释 列出/列举 比较/对比 区别/差别 差别/区别 帮助/协助 虽然/尽管
        马上/立刻 几乎/差不多 通常/一般 一般/通常 大概/大约 大约/大概 特别/格外 非常/十分 喜欢/喜爱
        告诉/告知 方法/办法 孩子/小孩 仍然/依然 依然/仍然 选择/挑选 公司/企业 决定/决意 计划/方案
        简单/简易 马路/公路 房间/屋子 旅馆/旅店 东西/物品 同时/一并 原因/缘由 保留/留下 改写/改编
        概括/归纳 设计/拟定 实验/试验 植物/草木 制定/拟订 意思/含义 出现/产生 编写/撰写 演示/展示
        适合/适用于 场合/情形 单词/词语 图片/图像 网页/页面 用户/使用者 后悔/懊悔
        结实/耐用 奇怪/古怪 期待/期望 需要/要 验证/检验 正确/对的 描述/叙述 最初/起初
        主要/首要 修改/改动 感谢/谢谢 提醒/提示 必须/务必 规定/规矩 浪费/糟蹋 提供/给出
        争论/争辩 意外/岔子 安静/平静 发现/察觉 身体/躯体 办理/申办 材料/资料 安全/稳妥
        付款/付钱 变化/改变 里面/内部 时候/时刻 会议/会 概率/可能性 一共/总共 数量/数目 步行/走路
        屏幕/显示屏 后面/后边 服务员/店员 立刻/马上 气体/气 膨胀/鼓胀
    """,
}
FILLERS = {
    "en": ("actually", "really", "simply", "basically", "quite", "just", "perhaps"),
    "zh": ("其实", "就", "也", "还", "的", "呢", "一下"),
}
HEADS = {
    "en": ("Sure. ", "In short: ", "Well, ", "Quick one: ", "Hello! ", "By the way, "),
    "zh": ("好的，", "总的来说，", "你好，", "顺便说一下，", "麻烦问一下，", "是这样，"),
}
TAILS = {
    "en": (" Thanks!", " Hope that helps.", " Keep it brief.", " Thank you very much."),
    "zh": ("谢谢！", "希望有用。", "请简短一些。", "多谢了。"),
}
SOUND_ALIKE = dict(
    pair.split("/")
    for pair in [
        "的/得",
        "在/再",
        "做/作",
        "像/象",
        "以/已",
        "和/合",
        "到/道",
        "是/事",
        "时/实",
        "有/友",
        "式/试",
        "行/形",
        "请/清",
        "分/份",
        "那/哪",
        "他/她",
        "成/城",
        "座/坐",
        "记/纪",
        "带/代",
        "长/常",
        "定/订",
        "用/佣",
        "面/免",
        "只/支",
        "把/吧",
        "会/汇",
        "过/国",
    ]
)
KEPT = {
    "en": frozenset(
        [
            "not",
            "no",
            "never",
            "none",
            "nobody",
            "nothing",
            "nor",
            "without",
            "neither",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "twelve",
            "half",
            "first",
            "second",
            "third",
            "before",
            "after",
            "both",
            "all",
            "more",
            "less",
            "most",
            "least",
            "into",
            "than",
            "above",
            "below",
            "under",
            "over",
            "until",
            "from",
        ]
    ),
    "zh": frozenset("不没无未非别莫勿否零一二三四五六七八九十百千万亿半两前后上下左右大小多少高低"),
}
NUMBERS = {
    "en": [
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "twelve",
        "twenty",
    ],
    "zh": list("二三四五六七八九"),
}
COUNTED = "个条天年点次颗岁周句名位月种段根"  # what a Chinese numeral counts
DENIED = {
    "en": ("is", "are", "was", "were", "can", "should", "must", "will", "does", "did", "could"),
    "zh": ("是", "能", "会", "应当", "应该", "要", "可以", "有"),
}
NAMES = {
    "en": (
        ("Maria", "Thomas", "Aisha", "Victor", "Helen", "Ravi", "Ingrid"),
        ("Lisbon", "Oslo", "Chicago", "Nairobi", "Norway", "Venice", "Tokyo", "Quito"),
        ("Siemens", "Toyota", "Unilever", "Nokia"),
        ("ibuprofen", "aspirin", "Aspirin", "Penicillin", "metformin"),
        ("Python", "Java", "Go", "Ruby", "Rust"),
        ("Shakespeare", "Marie Curie", "Cervantes", "Ada Lovelace"),
    ),
    "zh": (
        ("李娜", "张伟", "王芳", "刘洋", "陈静", "赵磊"),
        ("北京", "上海", "西安", "昆明", "敦煌", "威尼斯", "成都", "青岛"),
        ("华为", "海尔", "比亚迪", "联想"),
        ("布洛芬", "阿司匹林", "青霉素", "二甲双胍"),
        ("Python", "Java", "Ruby", "Rust"),
        ("莎士比亚", "居里夫人", "塞万提斯", "祖冲之"),
    ),
}
TEMPLATES = {
    "en": (
        "Write a short poem about {} for the back of a birthday card.",
        "What are the main reasons for {}, and what can a small town do about it?",
        "Explain {} to somebody who has never heard of it, in five plain sentences.",
        "Give me three tips on how to talk about {} with children of primary school age.",
        "Draft a newsletter of one page about {}, with a headline that makes people curious.",
    ),
    "zh": (
        "请写一首关于{}的小诗，印在生日贺卡的背面。",
        "造成{}的主要原因有哪些，小城市可以采取什么措施？",
        "请用五句通俗的话，给从来没听说过的人讲清楚什么是{}。",
        "请给我三条建议，说说怎样跟小学生谈{}这个话题。",
        "请写一页关于{}的简报，标题要能引起读者的好奇心。",
    ),
}
PAYLOADS = {
    "en": [
        "autumn rain",
        "traffic noise",
        "food waste",
        "stage fright",
        "empty shops",
        "night trains",
        "school lunches",
        "wild boars",
        "home schooling",
        "solar panels",
        "lost pets",
        "loud music",
    ],
    "zh": [
        "秋雨",
        "交通噪声",
        "剩饭剩菜",
        "上台紧张",
        "空置店铺",
        "夜班火车",
        "学校午餐",
        "野猪进城",
        "在家上学",
        "光伏发电",
        "走失宠物",
        "电子垃圾",
    ],
}
INSTRUCTIONS = {
    "en": (
        "You are a careful editor. Read the text below twice, then give it a title of at most eight"
        " words, name its topic in one word and say whom it is written for. Do not add anything"
        " that the text does not say. Text: ",
        "Classify the following passage as positive, negative or neutral, and give the reason in a"
        " single sentence. If it is not possible to decide, answer neutral. Passage: ",
        "Answer as an expert would who has little time: short sentences, no introduction, no list."
        " When something is uncertain, say so. This is what you are asked: ",
    ),
    "zh": (
        "你是一名细心的编辑。请把下面的文字读两遍，起一个不超过八个字的标题，用一个词说出主题，"
        "并说明它是写给谁看的。不要添加原文没有的内容。原文：",
        "请判断下面这段话的情感是正面、负面还是中性，并用一句话说明理由。如果无法判断，就回答中性。"
        "内容如下：",
        "请像时间很紧的专家那样回答：句子要短，不要开场白，不要列表，拿不准的地方直接说明。问题是：",
    ),
}
