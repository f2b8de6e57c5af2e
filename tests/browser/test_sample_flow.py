"""What a newcomer does after `make run`, in a real browser, with the real built-in model."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from jsonschema import validate
from playwright.sync_api import Page, expect

from synthesis import starters
from tests import product
from tests.product import Product

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("sample_flow"),
    pytest.mark.timeout(600),
    pytest.mark.any_database,
]

TASKS = "/admin/synthesis/synthesistask/"
FIRST_RECORD_SECONDS = 60
LAST_RECORD_SECONDS = 300
GUIDE_COLUMNS = ["任务名称", "模板", "状态", "进度", "生成数量", "操作"]


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Product]:
    with product.running(tmp_path_factory.mktemp("product")) as started:
        started.started_at = time.monotonic()
        yield started


@pytest.fixture
def tasks(page: Page, running: Product) -> Page:
    """The list of tasks, as the administrator who signed in with the printed password."""
    page.goto(running.url + TASKS)
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(running.password)
    page.keyboard.press("Enter")
    page.wait_for_url(running.url + TASKS)
    return page


@pytest.fixture
def completed(tasks: Page) -> Page:
    """The sample task's page, once its run has ended."""
    row = tasks.locator("#result_list tbody tr", has_text="Sample task")
    expect(row).to_contain_text("completed", timeout=LAST_RECORD_SECONDS * 1000)
    row.get_by_role("link", name="Sample task").click()
    return tasks


def test_first_record_is_in_the_list_within_a_minute_without_a_reload(
    tasks: Page, running: Product
) -> None:
    row = tasks.locator("#result_list tbody tr", has_text="Sample task")
    left = FIRST_RECORD_SECONDS - (time.monotonic() - running.started_at)
    expect(row).to_contain_text("/5", timeout=1000)
    expect(row).not_to_contain_text("0/5", timeout=left * 1000)


def test_ends_with_exactly_its_target(completed: Page) -> None:
    expect(completed.locator("#content-main")).to_contain_text("5/5")
    expect(completed.locator("#content-main")).to_contain_text("accepted 5")


def test_data_is_there_to_look_at(completed: Page) -> None:
    completed.get_by_role("link", name="View data").click()
    records = completed.locator("#records .sy-record")
    expect(records).to_have_count(5)
    expect(records.first).to_contain_text("question")


def test_downloaded_records_are_valid_and_different(completed: Page) -> None:
    with completed.expect_download() as download:
        completed.get_by_role("link", name="Download JSONL").click()
    lines = download.value.path().read_text("utf-8").splitlines()
    sample = next(starter for starter in starters.load() if starter["sample"])
    for line in lines:
        validate(json.loads(line), sample["output_schema"])
    assert len(lines) == len(set(lines)) == 5


def test_speaks_chinese_with_the_columns_of_the_guide(tasks: Page) -> None:
    tasks.get_by_text("admin", exact=True).last.click()
    tasks.get_by_role("button", name="简体中文").click()
    expect(tasks.locator("html")).to_have_attribute("lang", "zh-hans")
    tasks.wait_for_load_state()
    heads = tasks.locator("#result_list thead th").all_inner_texts()
    assert [head.strip() for head in heads if head.strip()] == GUIDE_COLUMNS


def test_loads_nothing_from_elsewhere(page: Page, running: Product) -> None:
    elsewhere: list[str] = []
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((running.url, "data:", "blob:"))
            else elsewhere.append(request.url)
        ),
    )
    page.goto(running.url + TASKS)
    page.wait_for_load_state("networkidle")
    assert elsewhere == []
