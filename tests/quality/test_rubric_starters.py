from __future__ import annotations

import io
import re

import pytest
from django.core.management import call_command

from quality import dimensions, rubrics, starters
from quality.models import Rubric
from synthesis.models import TemplateType

STARTERS = rubrics.load()
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("start", [0, len(STARTERS) // 2], ids=rubrics.LANGUAGES)
def test_there_is_one_for_each_template_type_in_each_language(start):
    types = [starter["template_type"] for starter in STARTERS[start : start + len(STARTERS) // 2]]
    assert sorted(types) == sorted(TemplateType.values)


def test_their_names_are_unique():
    assert len({starter["name"] for starter in STARTERS}) == len(STARTERS) == 18


@pytest.mark.parametrize("starter", STARTERS, ids=lambda starter: starter["name"])
def test_describes_every_level_of_every_dimension(starter):
    assert dimensions.problems(starter["dimensions"]) == []
    assert {len(row["levels"]) for row in starter["dimensions"]} == {5}
    texts = [text for row in starter["dimensions"] for text in row["levels"].values()]
    is_chinese = bool(CHINESE.search(starter["name"]))
    assert {bool(CHINESE.search(text)) for text in texts} == {is_chinese}


@pytest.mark.django_db
def test_are_added_once_and_stay_as_they_were_edited():
    assert starters.add_rubrics() == 18
    row = Rubric.objects.get(name="Question and answer")
    row.instructions = "Mine."
    row.save()
    Rubric.objects.filter(name="General").delete()
    assert starters.add_rubrics() == 1
    row.refresh_from_db()
    assert (row.instructions, row.is_starter) == ("Mine.", True)


@pytest.mark.django_db
def test_quickstart_adds_them():
    call_command("quickstart", "--no-serve", stdout=io.StringIO())
    assert Rubric.objects.filter(is_starter=True).count() == 18
