"""One client process of bench.engine: waits for its word, works, reports its CPU seconds."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any


def main() -> None:
    order = json.loads(sys.argv[1])
    work = {"bare": prepare_bare, "engine": prepare_engine}[order["client"]](order)
    print("ready", flush=True)
    sys.stdin.readline()
    cpu = time.process_time()
    work()
    print(json.dumps({"ended": time.monotonic(), "cpu": time.process_time() - cpu}), flush=True)


def prepare_bare(order: dict[str, Any]) -> Any:
    from openai import AsyncOpenAI

    async def loop() -> None:
        client = AsyncOpenAI(base_url=order["url"], api_key="sk-bench", max_retries=0)
        left = iter(range(order["calls"]))

        async def lane() -> None:
            for number in left:
                await client.chat.completions.create(
                    model="stub-model",
                    messages=[{"role": "user", "content": f"N_RECORDS=10 call {number}"}],
                )

        await asyncio.gather(*(lane() for _lane in range(order["window"])))
        await client.close()

    return lambda: asyncio.run(loop())


def prepare_engine(_order: dict[str, Any]) -> Any:
    import django

    django.setup()
    from providers.clients import module_of
    from synthesis.engine.runner import serve

    module_of("openai")  # the SDK loads before the start, as the bare loop's does

    return lambda: serve(slice_seconds=600)


if __name__ == "__main__":
    main()
