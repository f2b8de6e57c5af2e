"""Pictures of the pages for the documents, taken of the running product with a stub vendor.

As a command:  python -m tests.screenshots     writes docs/screenshots/*.png
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Browser, Page, sync_playwright

from tests import png
from tests.browser.chromium import launched
from tests.conftest import ROOT
from tests.product import Product
from tests.stub_records import RecordMaker
from tests.stub_vendor import StubVendor

FOLDER = ROOT / "docs" / "screenshots"
RECORDS = json.loads((ROOT / "tests" / "screenshot_records.json").read_text("utf-8"))
SIZE = {"width": 1440, "height": 900}
BATCH = 10
TARGET = 100
ANSWERS = 6
AWAIT_SECONDS = 120
ORDERS = {
    "en": {
        "qa": ("QA pairs", "Medical questions", {"audience": "a curious beginner"}),
        "comments": ("Sentiment classification", "Comments on products", {}),
    },
    "zh": {
        "qa": ("问答对", "医疗问答合成", {"audience": "好奇的初学者"}),
        "comments": ("情感分类", "情感数据合成", {}),
    },
}
LANGUAGES = {"en": "en", "zh": "zh-hans"}
PAGES = ("dashboard", "tasks", "task", "template", "dataset")


class ReadableMaker(RecordMaker):
    """Answer with records that a person can read; now and then one repeats or is broken."""

    def __init__(self, vendor: StubVendor, language: str) -> None:
        super().__init__(seed=1)
        self.vendor = vendor
        self.answers_left = ANSWERS
        content = RECORDS[language]
        self.records = {"question": questions(content), "text": comments(content)}

    def answer(
        self, schema: Mapping[str, Any] | None, count: int, p_malformed: float, p_duplicate: float
    ) -> tuple[str, dict[str, int]]:
        names = (schema or {})["properties"]["items"]["items"]["properties"]
        is_question = "question" in names
        self.answers_left -= is_question
        if not self.answers_left:
            # What is asked from now on stays in flight, so that the pictures show it.
            self.vendor.set(hang=True)
        source = self.records["question" if is_question else "text"]
        made = list(itertools.islice(source, count))
        if self.random.random() < p_duplicate:
            made[-1] = made[0]
        if self.random.random() < p_malformed:
            made[1] = dict(list(made[1].items())[:1])
        return json.dumps({"items": made}, ensure_ascii=False), {"records": count}


def questions(content: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for number, (subject, (question, answer)) in enumerate(
        itertools.product(content["subjects"], content["questions"])
    ):
        level = content["levels"][number % 3]
        yield {
            "question": capitalised(question.format(subject)),
            "answer": capitalised(answer.format(subject)),
            "difficulty": level,
        }


def comments(content: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for text, label, reason in itertools.cycle(content["comments"]):
        yield {"text": text, "label": label, "reason": reason}


def capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


class Api:
    """The product's API, for its administrator."""

    def __init__(self, running: Product, database_url: str, folder: Path) -> None:
        made = subprocess.run(
            [sys.executable, ROOT / "manage.py", "drf_create_token", "admin"],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "datamate.settings",
                "DATABASE_URL": database_url,
                "DATAMATE_DATA_DIR": str(folder / "data"),
            },
            capture_output=True,
            text=True,
            check=True,
        )
        headers = {"Authorization": f"Token {made.stdout.split()[2]}"}
        self.client = httpx2.Client(base_url=f"{running.url}/api/v1", headers=headers, timeout=30)

    def get(self, path: str) -> Any:
        return self.client.get(path).raise_for_status().json()

    def post(self, path: str, **order: Any) -> Any:
        return self.client.post(path, json=order).raise_for_status().json()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright, launched(playwright) as browser:
        for language in LANGUAGES:
            with tempfile.TemporaryDirectory(prefix="datamate-screenshots-") as name:
                take_all(browser, language, Path(name))


def take_all(browser: Browser, language: str, folder: Path) -> None:
    database_url = f"sqlite:///{folder / 'database.sqlite3'}"
    with StubVendor(count=BATCH, latency=0.5, p_duplicate=0.4, p_malformed=0.3) as vendor:
        vendor.maker = ReadableMaker(vendor, language)
        running = Product(
            folder,
            database_url,
            DATAMATE_ALLOWED_PRIVATE_HOSTS="127.0.0.0/8",
            DATAMATE_LOCAL_MODEL_PATH="/nonexistent.gguf",
        )
        try:
            running.await_ready()
            rows = order_records(Api(running, database_url, folder), vendor, language)
            page = signed_in(browser, running, LANGUAGES[language])
            for name in PAGES:
                take(page, running.url, rows[name], FOLDER / f"{name}.{language}.png")
            page.context.close()
        finally:
            vendor.set(hang=False)
            running.end()


def order_records(api: Api, vendor: StubVendor, language: str) -> dict[str, str]:
    """Order two tasks, one that completes and one that stays under way; returns the pages."""
    for path in ("tasks", "datasets"):
        for row in api.get(f"/{path}/")["results"]:
            api.client.delete(f"/{path}/{row['id']}/").raise_for_status()
    provider = api.post("/providers/", name="Team vLLM", vendor="vllm", base_url=vendor.openai_url)[
        "id"
    ]
    model = api.post(
        "/language-models/",
        provider=provider,
        name="stub-model",
        label="Qwen3 32B",
        currency="CNY",
        input_price="2",
        output_price="8",
        capabilities=["json_schema", "temperature", "top_p", "seed"],
        is_default=True,
    )["id"]
    tasks = {}
    for kind, target, made in (("comments", 14, 14), ("qa", TARGET, ANSWERS * BATCH)):
        template_name, name, values = ORDERS[language][kind]
        (template,) = api.get(f"/templates/?search={template_name}")["results"]
        tasks[kind] = api.post(
            "/tasks/",
            name=name,
            template=template["id"],
            values=values,
            target_count=target,
            batch_size=BATCH,
            concurrency=2,
            language_model=model,
        )
        await_records(api, tasks[kind]["id"], made)
    task = tasks["qa"]
    return {
        "dashboard": "/admin/",
        "tasks": "/admin/synthesis/synthesistask/",
        "task": f"/admin/synthesis/synthesistask/{task['id']}/change/",
        "template": f"/admin/synthesis/prompttemplate/{task['template']}/change/",
        "dataset": f"/admin/synthesis/dataset/{task['dataset']}/change/",
    }


def await_records(api: Api, task: int, made: int) -> None:
    deadline = time.monotonic() + AWAIT_SECONDS
    while sum((counts := api.get(f"/tasks/{task}/")["counts"]).values()) < made:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{made} records were awaited, there are {counts}")
        time.sleep(0.2)


def signed_in(browser: Browser, running: Product, language: str) -> Page:
    context = browser.new_context(locale=language, viewport=SIZE, timezone_id="UTC")
    context.add_cookies([{"name": "django_language", "value": language, "url": running.url}])
    page = context.new_page()
    page.goto(f"{running.url}/admin/")
    page.locator("#id_username").fill("admin")
    page.locator("#id_password").fill(running.password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{running.url}/admin/")
    return page


def take(page: Page, url: str, path: str, file: Path) -> None:
    page.goto(url + path)
    page.wait_for_load_state("networkidle")
    if "/prompttemplate/" in path:
        page.locator("[x-on\\:click*=activeFieldsetTab]").nth(1).click()
        page.locator("#preview-output .dm-pre").last.scroll_into_view_if_needed()
    page.evaluate("document.fonts.ready")
    file.write_bytes(png.compacted(page.screenshot(animations="disabled")))


if __name__ == "__main__":
    main()
