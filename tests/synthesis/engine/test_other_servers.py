"""The same task, through both families of clients, against servers that others wrote."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from providers.local import ensure_server
from providers.models import LanguageModel
from tests import factories
from tests.independent_servers import aimock, llmock
from tests.synthesis.engine.serving import serve_until_ended

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

FAMILIES = {"compatible": "openai", "anthropic": "anthropic"}
SHORT = {"type": "string", "minLength": 1, "maxLength": 200}
SCHEMA = {
    "type": "object",
    "properties": {"question": SHORT, "answer": SHORT},
    "required": ["question", "answer"],
}
TOPICS = {"name": "topic", "type": "list", "default": ["planets", "rivers", "bread", "cars"]}
EXAMPLES = [
    {
        "input": "Write 1 short question about insects, with its answer.",
        "output": {
            "question": "How many legs does an insect have?",
            "answer": "An insect has six legs.",
        },
    },
    {
        "input": "Write 1 short question about music, with its answer.",
        "output": {
            "question": "How many strings does a violin have?",
            "answer": "A violin has four strings.",
        },
    },
]
PROMPT = "Write {count} short questions about {topic}, each with its answer."
RECORDS = json.dumps(
    [{"question": f"What is {n} + {n}?", "answer": str(2 * n)} for n in range(1, 6)]
)


def model_at(url: str, vendor: str, *capabilities: str, name: str = "stub-model") -> LanguageModel:
    account = factories.provider(url, vendor=vendor)
    return factories.language_model(provider=account, capabilities=list(capabilities), name=name)


def delivers(model: LanguageModel, **fields: object) -> None:
    task = factories.task(
        model,
        template=factories.template(
            prompt=PROMPT, output_schema=SCHEMA, variables=[TOPICS], examples=EXAMPLES
        ),
        parameters={"max_tokens": 300},
        batch_size=3,
        target_count=3,
        **fields,
    )
    run = serve_until_ended(task.start(), seconds=120)
    assert (run.status, run.records.accepted().count()) == ("completed", 3), run.reason
    assert run.call_counts()["answered"] == run.batches.filter(state="done").count()


@pytest.fixture(scope="module")
def llmock_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with llmock(tmp_path_factory.mktemp("llmock")) as url:
        yield url


def script(url: str, *behaviors: dict[str, object]) -> None:
    body = json.dumps({"behaviors": behaviors}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/_llmock/scenario", body, headers)  # noqa: S310
    urllib.request.urlopen(request).close()  # noqa: S310


@pytest.mark.parametrize("vendor", FAMILIES)
def test_runs_on_llmock_through_its_faults(vendor: str, llmock_url: str) -> None:
    script(
        llmock_url,
        {"type": "fail", "status": 429, "retry_after": 0.2, "times": 1},
        {"type": "fail", "status": 503, "times": 1},
        {"type": "reply", "text": RECORDS, "times": 1},
    )
    address = f"{llmock_url}/v1" if vendor == "compatible" else f"{llmock_url}/anthropic"
    delivers(model_at(address, vendor))


@pytest.mark.parametrize("vendor", FAMILIES)
def test_runs_on_aimock(vendor: str, tmp_path: Path) -> None:
    with aimock(tmp_path, {"short questions": RECORDS}) as url:
        delivers(model_at(f"{url}/v1" if vendor == "compatible" else url, vendor))


@pytest.mark.parametrize("vendor", [*FAMILIES, "local"])
def test_runs_on_the_local_models_own_server(vendor: str) -> None:
    url = ensure_server()
    addresses = {"compatible": url, "anthropic": url.removesuffix("/v1"), "local": ""}
    model = model_at(addresses[vendor], vendor, "json_schema", "seed", name="SmolLM2-135M-Instruct")
    delivers(model, concurrency=1)
