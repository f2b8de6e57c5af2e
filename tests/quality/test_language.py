from __future__ import annotations

import pytest

from quality.content import Kind
from quality.language import language_of, other_language
from tests.quality.content.finding import found

ENGLISH = "The river was frozen, and the boys of the village walked over it to school."
CHINESE = "河水结了冰，村里的孩子们从冰上走过去上学。"
FRENCH = "La rivière était gelée et les garçons du village marchaient dessus pour aller à l'école."


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (ENGLISH, "en"),
        ("Paris, London, Berlin, Madrid. Which of them is it?", "en"),
        ("Café owners say that naïve tourists are the best guests of the year.", "en"),
        (CHINESE, "zh"),
        ("请解释 Python 中 list comprehension 的用法和优点", "zh"),
        ("河の水が凍って、村の子供たちはその上を歩いて学校に行きました。", "ja"),
        ("강물이 얼어서 마을 아이들이 그 위를 걸어 학교에 갔다.", "ko"),
        (FRENCH, "fr"),
        ("Der Fluss war zugefroren, und die Jungen des Dorfes gingen zur Schule.", "de"),
        ("Река замёрзла, и мальчики из деревни шли по льду в школу.", "ru"),
        ("تجمد النهر وسار أولاد القرية فوقه إلى المدرسة", "ar"),
        ("नदी जम गई थी और गाँव के लड़के उस पर चलकर स्कूल गए", "hi"),
        ("แม่น้ำกลายเป็นน้ำแข็งและเด็กๆ เดินข้ามไปโรงเรียน", "th"),
    ],
)
def test_tells_the_language(text: str, code: str) -> None:
    assert language_of(text) == code
    assert not other_language(text, frozenset({code}))


@pytest.mark.parametrize("text", ["", "Paris", "42", "北京", "😀 😀", "-----", "x = y + 1", "OK!"])
def test_calls_too_little_text_no_language(text: str) -> None:
    assert language_of(text) == ""
    assert not other_language(text, frozenset({"zh"}))


@pytest.mark.parametrize(
    ("text", "expected"), [(ENGLISH, "zh"), (CHINESE, "en"), (FRENCH, "en"), (FRENCH, "zh")]
)
def test_tells_a_text_in_another_language(text: str, expected: str) -> None:
    assert other_language(text, frozenset({expected}))


@pytest.mark.parametrize("expected", ["zh", "en"])
def test_takes_a_mixture_for_either_of_its_languages(expected: str) -> None:
    text = "use_natural_foreign_keys 与 key_is_id 不能同时为 True"
    assert not other_language(text, frozenset({expected}))


def test_a_few_foreign_words_make_no_mixture() -> None:
    assert other_language(f"The sign said 河水结冰. {ENGLISH}", frozenset({"zh"}))
    assert other_language(f"{CHINESE}村民说 OK，大家都笑了。", frozenset({"en"}))


def test_a_rule_without_languages_expects_the_prompts() -> None:
    assert found(Kind.LANGUAGE, CHINESE * 2, (ENGLISH,)) == [("language", "zh")]
    assert found(Kind.LANGUAGE, CHINESE * 2, (CHINESE,)) == []
    assert found(Kind.LANGUAGE, CHINESE * 2) == []


def test_a_rule_with_languages_takes_any_of_them() -> None:
    assert found(Kind.LANGUAGE, FRENCH, languages=["en", "zh"]) == [("language", "fr")]
    assert found(Kind.LANGUAGE, FRENCH, languages=["en", "fr"]) == []


def test_judges_short_texts_together() -> None:
    assert found(Kind.LANGUAGE, "河水结了冰，村里的孩子", languages=["en"]) == [("language", "zh")]
