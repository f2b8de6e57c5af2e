from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from datamate import environment

pytestmark = pytest.mark.any_database

NAME = "DATAMATE_TEST_VALUE"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (NAME, f"{NAME}_FILE"):
        monkeypatch.delenv(name, raising=False)


def refusal(read: Callable[..., Any], *arguments: Any) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        read(NAME, *arguments)
    return str(caught.value)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# Text


def test_a_text_is_its_variable_or_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.text(NAME) == ""
    assert environment.text(NAME, "default") == "default"
    monkeypatch.setenv(NAME, "  as it stands ")
    assert environment.text(NAME, "default") == "  as it stands "


def test_a_variable_that_is_set_to_nothing_is_no_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "")
    assert environment.text(NAME, "default") == ""


def test_a_file_goes_before_the_variable_and_loses_its_line_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("密钥 1\n", encoding="utf-8")
    monkeypatch.setenv(NAME, "from the variable")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))
    assert environment.text(NAME) == "密钥 1"


def test_a_file_variable_that_is_set_to_nothing_is_ignored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(NAME, "from the variable")
    monkeypatch.setenv(f"{NAME}_FILE", "")
    assert environment.text(NAME) == "from the variable"


def test_a_missing_file_is_named_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = str(tmp_path / "none")
    monkeypatch.setenv(f"{NAME}_FILE", path)
    monkeypatch.setenv(NAME, "never used instead")
    assert refusal(environment.text) == (
        f"{NAME}_FILE={path!r} cannot be read: [Errno 2] No such file or directory: {path!r}"
    )


def test_a_folder_is_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path))
    assert refusal(environment.text) == (
        f"{NAME}_FILE={str(tmp_path)!r} cannot be read: "
        f"[Errno 21] Is a directory: {str(tmp_path)!r}"
    )


def test_a_file_that_is_no_text_is_told_without_its_content(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "key.der"
    path.write_bytes(b"canary\xff")
    monkeypatch.setenv(f"{NAME}_FILE", str(path))
    assert refusal(environment.text) == (
        f"{NAME}_FILE={str(path)!r} cannot be read: "
        "'utf-8' codec can't decode byte 0xff in position 6: invalid start byte"
    )


# Booleans


@pytest.mark.parametrize("word", ["1", "true", "TRUE", "yes", "On", "  true  "])
def test_words_that_mean_true(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, word)
    assert environment.boolean(NAME) is True


@pytest.mark.parametrize("word", ["0", "false", "False", "no", "OFF", "", "  "])
def test_words_that_mean_false(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, word)
    assert environment.boolean(NAME, default=True) is False


@pytest.mark.parametrize("default", [True, False])
def test_a_boolean_that_is_not_set_is_its_default(default: bool) -> None:
    assert environment.boolean(NAME, default) is default


@pytest.mark.parametrize("word", ["2", "-1", "ture", "y", "none", "是", "true;"])
def test_any_other_word_is_no_boolean(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, word)
    assert refusal(environment.boolean) == f"{NAME}={word!r} must be true or false"


# Numbers


@pytest.mark.parametrize(("word", "number"), [("0", 0), ("7", 7), (" 12 ", 12), ("+3", 3)])
def test_whole_numbers_are_read(word: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, word)
    assert environment.integer(NAME, 99) == number


def test_a_number_that_is_not_set_is_its_default() -> None:
    assert environment.integer(NAME, 30, minimum=1) == 30
    assert environment.fraction(NAME, 0.02) == 0.02


@pytest.mark.parametrize("word", ["", "two", "1.5", "1e3", "30s", "0x10", "1,000", "∞"])
def test_what_is_no_whole_number_is_refused(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, word)
    assert refusal(environment.integer, 5) == f"{NAME}={word!r} must be a whole number"


@pytest.mark.parametrize(("word", "minimum"), [("-1", 0), ("0", 1), ("9", 10), ("-99", -98)])
def test_a_number_below_its_minimum_is_refused(
    word: str, minimum: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAME, word)
    message = f"{NAME}={word!r} must be at least {minimum}"
    assert refusal(environment.integer, 20, minimum) == message


def test_the_minimum_itself_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "1")
    assert environment.integer(NAME, 20, minimum=1) == 1


@pytest.mark.parametrize(
    ("word", "number"), [("0", 0), ("1", 1), ("0.5", 0.5), (".02", 0.02), ("1e-3", 0.001)]
)
def test_fractions_are_read(word: str, number: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, word)
    assert environment.fraction(NAME, 0.9) == number


@pytest.mark.parametrize("word", ["", "half", "2%", "1/2", "1.01", "-0.1", "nan", "inf", "-inf"])
def test_what_is_no_fraction_is_refused(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, word)
    assert refusal(environment.fraction, 0.5) == f"{NAME}={word!r} must be a number from 0 to 1"


# Choices, time zones and folders

LANGUAGES = ("en", "zh-hans")


@pytest.mark.parametrize("word", ["zh-hans", "zh-Hans", "ZH-HANS", " zh-hans\n"])
def test_a_choice_is_read_however_it_is_written(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, word)
    assert environment.choice(NAME, "en", LANGUAGES) == "zh-hans"


@pytest.mark.parametrize("word", ["", "zh", "zh-cn", "zh_Hans", "english", "en,zh-hans"])
def test_what_is_no_choice_is_refused_with_those_there_are(
    word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAME, word)
    assert refusal(environment.choice, "en", LANGUAGES) == (
        f"{NAME}={word!r} must be one of en, zh-hans"
    )


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York"])
def test_time_zones_are_read(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, zone)
    assert environment.time_zone(NAME, "UTC") == zone


@pytest.mark.parametrize("zone", ["", "Mars/Base", "Asia", "+08:00", "../../etc/passwd", "北京"])
def test_what_is_no_time_zone_is_refused(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, zone)
    assert refusal(environment.time_zone, "UTC") == (
        f"{NAME}={zone!r} must be a time zone such as Asia/Shanghai"
    )


def test_a_folder_is_made_with_those_above_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(NAME, str(tmp_path / "a" / ".." / "b" / "c"))
    assert environment.folder(NAME, "unused") == tmp_path / "b" / "c"
    assert (tmp_path / "b" / "c").is_dir()


def test_a_file_in_the_place_of_a_folder_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.touch()
    monkeypatch.setenv(NAME, str(path))
    assert refusal(environment.folder, "unused") == (
        f"{NAME}={str(path)!r} is no folder: [Errno 17] File exists: {str(path)!r}"
    )


# Lists


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", []),
        (" , ,", []),
        ("a.example", ["a.example"]),
        (" a.example , 10.0.0.0/8,,[::1] ", ["a.example", "10.0.0.0/8", "[::1]"]),
    ],
)
def test_words_are_separated_by_commas(
    value: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAME, value)
    assert environment.words(NAME, "default") == words


def test_words_come_from_a_file_as_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("a.example,\nb.example\n", encoding="utf-8")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "hosts"))
    assert environment.words(NAME) == ["a.example", "b.example"]


@given(st.lists(st.from_regex(r"[a-z0-9.\-]{1,12}", fullmatch=True), max_size=6))
def test_words_survive_being_joined(hosts: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(NAME, ", ".join(hosts))
        assert environment.words(NAME) == hosts


# Secrets


def test_a_secret_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    first = environment.generated_secret(NAME, path)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", first)  # 32 bytes in base64: 32 * 4 / 3 = 42.7
    assert environment.generated_secret(NAME, path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_draft_of_a_secret_is_left(tmp_path: Path) -> None:
    environment.generated_secret(NAME, tmp_path / "secret_key")
    assert names_in(tmp_path) == ["secret_key"]


def test_two_data_folders_have_two_secrets(tmp_path: Path) -> None:
    one, other = (environment.generated_secret(NAME, tmp_path / name) for name in ("a", "b"))
    assert one != other


def test_a_given_secret_is_used_and_none_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(NAME, "given")
    assert environment.generated_secret(NAME, tmp_path / "secret_key") == "given"
    assert names_in(tmp_path) == []


def test_a_secret_given_by_a_file_goes_before_the_kept_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "kept").write_text("kept", encoding="utf-8")
    (tmp_path / "mounted").write_text("mounted\n", encoding="utf-8")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "mounted"))
    assert environment.generated_secret(NAME, tmp_path / "kept") == "mounted"


def test_a_kept_secret_loses_the_line_end_that_an_editor_gave_it(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept\n", encoding="utf-8")
    assert environment.generated_secret(NAME, tmp_path / "kept") == "kept"


def test_who_comes_second_takes_what_the_first_one_wrote(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path, link = tmp_path / "secret_key", os.link

    def overtaken(source: Path, target: Path) -> None:
        path.write_text("of the first", encoding="utf-8")
        link(source, target)

    monkeypatch.setattr(os, "link", overtaken)
    assert environment.generated_secret(NAME, path) == "of the first"
    assert names_in(tmp_path) == ["secret_key"]


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    script = (
        "import sys; from pathlib import Path; from datamate.environment import generated_secret;"
        f"sys.stdin.read(); print(generated_secret({NAME!r}, Path({str(path)!r})))"
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _child in range(4)
    ]
    seen = {child.communicate()[0].strip() for child in children}
    assert seen == {path.read_text(encoding="utf-8")}
    assert names_in(tmp_path) == ["secret_key"]


def test_a_draft_of_a_killed_process_stands_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / f"secret_key.{os.getpid()}").write_text("half", encoding="utf-8")
    secret = environment.generated_secret(NAME, tmp_path / "secret_key")
    assert len(secret) == 43
    assert names_in(tmp_path) == ["secret_key"]
