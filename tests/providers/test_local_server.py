from __future__ import annotations

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import jsonschema
import pytest
import xllamacpp

from providers import local
from providers.errors import LocalModelError
from providers.local import launcher, server

# The bound on the texts keeps a small model from repeating itself to the last token.
TEXT = {"type": "string", "minLength": 5, "maxLength": 30}
RECORD = {
    "type": "object",
    "properties": {"question": TEXT, "answer": TEXT},
    "required": ["question", "answer"],
    "additionalProperties": False,
}
TWO_RECORDS = {
    "type": "object",
    "properties": {"records": {"type": "array", "items": RECORD, "minItems": 2, "maxItems": 2}},
    "required": ["records"],
    "additionalProperties": False,
}


def post(path: str, body: dict) -> httpx2.Response:
    body = {"model": "any", "max_tokens": 300, "seed": 1, **body}
    return httpx2.post(local.ensure_server() + path, json=body, timeout=120)


def ask(prompt: str, **body) -> dict:
    messages = [{"role": "user", "content": prompt}]
    return post("/chat/completions", {"messages": messages, **body}).json()


def ask_records(**body) -> str:
    format_ = {"type": "json_schema", "json_schema": {"name": "r", "schema": TWO_RECORDS}}
    reply = ask("Write 2 questions about planets.", response_format=format_, **body)
    return reply["choices"][0]["message"]["content"]


def test_a_reply_follows_the_json_schema():
    jsonschema.validate(json.loads(ask_records()), TWO_RECORDS)


def test_the_same_seed_gives_the_same_text_and_another_seed_another():
    first, other, again = (ask_records(seed=seed) for seed in (7, 8, 7))
    assert first == again != other


def test_the_bundled_model_is_kept_from_repeating_itself():
    explicit = {"dry_multiplier": 0.8, "dry_allowed_length": 3, "dry_penalty_last_n": 512}
    assert ask_records() == ask_records(**explicit)


def test_another_model_samples_as_its_caller_says(monkeypatch):
    monkeypatch.setattr(xllamacpp, "Server", lambda parameters: parameters)
    sampling = server.serve(Path("a.gguf"), "a", is_demo_quality=False).sampling
    assert sampling.dry_multiplier == 0


def test_listens_on_loopback_alone_and_shows_nobodys_prompts():
    address = local.ensure_server().removesuffix("/v1")
    assert address.startswith("http://127.0.0.1:")
    assert httpx2.get(address + "/slots").status_code == 501
    foreign = httpx2.get(address + "/health", headers={"Origin": "http://example.org"})
    assert foreign.headers["access-control-allow-origin"] == "http://127.0.0.1"


def test_goes_on_after_a_caller_has_gone():
    messages = [{"role": "user", "content": "Tell a long story."}]
    with pytest.raises(httpx2.ReadTimeout):
        body = {"messages": messages, "max_tokens": 3000}
        httpx2.post(local.ensure_server() + "/chat/completions", json=body, timeout=0.5)
    # 3,000 tokens would take longer than the client waits.
    assert ask("Hi", max_tokens=2)["usage"]["completion_tokens"] == 2


def test_replies_name_the_model_without_its_path():
    assert ask("Hi", max_tokens=1)["model"] == "SmolLM2-135M-Instruct"


def test_a_prompt_longer_than_the_context_is_refused_in_words():
    error = ask("word " * server.CONTEXT_TOKENS)["error"]
    assert (error["code"], error["type"]) == (400, "exceed_context_size_error")
    assert error["n_ctx"] == server.CONTEXT_TOKENS


def test_more_callers_than_slots_are_all_answered():
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda n: ask(f"Count to {n}", max_tokens=8), range(6)))
    assert all(reply["usage"]["completion_tokens"] for reply in replies)


def test_answers_in_the_anthropic_way_too():
    messages = [{"role": "user", "content": "Hi"}]
    reply = post("/messages", {"messages": messages, "max_tokens": 8}).json()
    assert reply["type"] == "message"
    assert reply["content"][0]["text"]


def test_threads_that_ask_at_once_get_one_address(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    with ThreadPoolExecutor(8) as pool:
        addresses = set(pool.map(lambda _: local.ensure_server(), range(8)))
    assert len(addresses) == 1


def test_a_child_forked_while_a_thread_asks_can_ask_too():
    address = local.ensure_server()
    with launcher.membership.guard:
        child = os.fork()
        if child == 0:
            # Would wait for ever for a thread that does not exist here.
            signalled = local.ensure_server() == address
            os._exit(0 if signalled else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_broken_gguf_shows_the_end_of_the_log(settings, tmp_path):
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF" + bytes(50))
    settings.DATAMATE_LOCAL_MODEL_PATH = str(path)
    with pytest.raises(LocalModelError) as caught:
        local.ensure_server()
    log = Path(settings.DATA_DIR) / "logs" / "local-model.log"
    assert caught.value.detail.startswith(f"The local model could not start.\n{log}\n")
    assert "Failed to init server, please check the input params." in caught.value.detail


def test_a_server_that_is_too_slow_is_ended_and_said_so(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(launcher, "STARTUP_SECONDS", 0.0)
    with pytest.raises(LocalModelError) as caught:
        local.ensure_server()
    assert caught.value.detail.startswith("The local model did not answer within 0 seconds.\n")
    monkeypatch.undo()
    assert local.ensure_server()


@pytest.mark.parametrize(
    ("cores", "quota", "threads"),
    [
        (8, "max 100000", 7),
        (8, "300000 100000", 2),
        (8, "50000 100000", 1),
        (1, "max 100000", 1),
        (4, "unreadable", 3),
    ],
)
def test_one_of_the_usable_cores_is_left_free(monkeypatch, tmp_path, cores, quota, threads):
    file = tmp_path / "cpu.max"
    file.write_text(quota)
    monkeypatch.setattr(server, "CPU_QUOTA_FILE", file)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(cores)))
    assert server.threads() == threads


def test_the_server_ends_after_two_seconds_without_a_user(monkeypatch, tmp_path):
    monkeypatch.setattr(server, "UNUSED_SECONDS", 0.2)
    monkeypatch.setattr(server, "POLL_SECONDS", 0.05)
    waiting = threading.Thread(target=server.wait_until_unused, args=[tmp_path / "users.lock"])
    waiting.start()
    waiting.join(5)
    assert not waiting.is_alive()
