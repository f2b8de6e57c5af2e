"""The engine beside a bare AsyncOpenAI loop and beside the ideal, in one run.

    python -m bench.engine [--calls 2000] [--latency 0.2] [--windows 64,256] [--runners 1,2]

Every client asks the same stub server for the same number of answers of ten records.
The bare loop throws its answers away; the engine plans, claims, enters each call in the
ledger, stores the answer, parses it, checks it and commits the records. The ideal is
calls x latency / window. CPU is that of all client processes, start-up left out.
SQLite in a temporary directory, or the database that DATABASE_URL names (its tables are
made and flushed: give an empty one).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDS_PER_CALL = 10
PROMPT = "Write {count} questions and answers. N_RECORDS={count} SEED={seed}"
SCHEMA = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "minLength": 1},
        "answer": {"type": "string", "minLength": 1},
    },
    "required": ["question", "answer"],
}


def main() -> None:
    options = read_options()
    with tempfile.TemporaryDirectory(prefix="datamate-bench-") as folder:
        os.environ["DATAMATE_DATA_DIR"] = folder
        os.environ["DATAMATE_ALLOWED_PRIVATE_HOSTS"] = "127.0.0.0/8"
        os.environ["DATAMATE_LOG_LEVEL"] = "ERROR"
        os.environ["DJANGO_SETTINGS_MODULE"] = "datamate.settings"
        with stub_server(options.latency) as url:
            prepare_database()
            print(f"{options.calls} calls of {RECORDS_PER_CALL} records, {options.latency} s each")
            print(
                f"{'client':28}{'seconds':>9}{'of ideal':>10}{'calls/s':>9}{'records/s':>11}"
                f"{'CPU s/1,000 calls':>19}"
            )
            for window in options.windows:
                compare(url, options, window)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--windows", type=numbers, default=[64, 256])
    parser.add_argument("--runners", type=numbers, default=[1, 2])
    return parser.parse_args()


def numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]


def compare(url: str, options: argparse.Namespace, window: int) -> None:
    ideal = options.calls * options.latency / window
    print_row(f"ideal, {window} in flight", ideal, ideal, options.calls, None)
    order = {"url": url, "calls": options.calls, "window": window}
    seconds, cpu = measure([{**order, "client": "bare"}])
    print_row(f"bare AsyncOpenAI, {window}", seconds, ideal, options.calls, cpu)
    for runners in options.runners:
        run_id = create_run(url, options.calls * RECORDS_PER_CALL, window)
        seconds, cpu = measure([{**order, "client": "engine"}] * runners)
        check_run(run_id)
        print_row(f"engine, {window}, {runners} runner(s)", seconds, ideal, options.calls, cpu)


def print_row(name: str, seconds: float, ideal: float, calls: int, cpu: float | None) -> None:
    share = f"{ideal / seconds:.2f}"
    per_thousand = f"{cpu * 1000 / calls:.2f}" if cpu is not None else "-"
    print(
        f"{name:28}{seconds:9.2f}{share:>10}{calls / seconds:9.0f}"
        f"{calls * RECORDS_PER_CALL / seconds:11.0f}{per_thousand:>19}",
        flush=True,
    )


@contextmanager
def stub_server(latency: float) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.stub_vendor", "--port", "0", "--latency", str(latency)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = re.search(r"http://[\d.]+:\d+", process.stdout.readline())
        assert address is not None
        yield address[0] + "/v1"
    finally:
        process.terminate()
        process.wait()


def measure(orders: list[dict[str, Any]]) -> tuple[float, float]:
    """Start a process for each order, let them go together; seconds until all ended, CPU sum."""
    clients = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.client", json.dumps(order)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for order in orders
    ]
    for client in clients:
        assert client.stdout is not None
        client.stdout.readline()
    begun = time.monotonic()
    for client in clients:
        assert client.stdin is not None
        client.stdin.write("go\n")
        client.stdin.flush()
    ends = []
    for client in clients:
        assert client.stdout is not None
        ends.append((json.loads(client.stdout.readline()), time.monotonic()))
        client.wait()
    return max(report["ended"] for report, _at in ends) - begun, sum(r["cpu"] for r, _at in ends)


def prepare_database() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("flush", interactive=False, verbosity=0)
    from synthesis.management.installation import add_starters

    add_starters()  # with them comes the standard policy, with its content rules


def create_run(url: str, target: int, window: int) -> int:
    from django.utils.crypto import get_random_string

    from providers.models import LanguageModel, Provider
    from synthesis.models import Dataset, PromptTemplate, SynthesisTask

    name = get_random_string(12)
    provider = Provider(name=name, vendor="compatible", base_url=url)
    provider.set_key("sk-bench")
    provider.save()
    model = LanguageModel.objects.create(provider=provider, name="stub-model")
    template = PromptTemplate.objects.create(name=name, prompt=PROMPT, output_schema=SCHEMA)
    task = SynthesisTask.objects.create(
        name=name,
        template_version=template.latest_version,
        dataset=Dataset.objects.create(name=name),
        target_count=target,
        batch_size=RECORDS_PER_CALL,
        concurrency=window,
    )
    task.set_mix({model.pk: 1})
    return task.start().pk


def check_run(run_id: int) -> None:
    """Refuse to report a run that did not deliver exactly what was asked for."""
    from synthesis.models import Run

    run = Run.objects.get(pk=run_id)
    stored = run.records.accepted().count()
    assert stored == run.accepted == run.target_count, (run.status, run.reason, stored)


if __name__ == "__main__":
    main()
