"""A vendor of the tests' own: OpenAI and Anthropic answers, faults on demand, and counters.

In a test:      with StubVendor(p429=0.05, retry_after=0.1) as server: ... server.openai_url
As a process:   python -m tests.stub_vendor --port 0 --latency 0.2 --p500 0.05
                prints its address; GET /_stub/stats, GET /_stub/set?p500=0&latency=0.01
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import re
import threading
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests import stub_judge
from tests.stub_records import RecordMaker

COUNT_MARK = re.compile(rb"N_RECORDS=(\d+)")
STATUS_WORDS = {200: "OK", 302: "Found", 401: "Unauthorized", 404: "Not Found", 429: "Too Many"}


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What the vendor does; probabilities are fractions of 1."""

    latency: float = 0  # seconds, the median
    latency_sigma: float = 0  # of a log-normal spread
    count: int = 10  # records an answer, where the prompt has no N_RECORDS=
    p429: float = 0
    retry_after: float | None = None  # seconds
    p500: float = 0
    p_broken: float = 0  # answers whose whole text is no JSON
    p_malformed: float = 0  # records that break the schema
    p_duplicate: float = 0  # records drawn from a small pool
    p_pass: float = 1  # records that it finds good, where it is asked to judge
    first_fail: int = 0  # the first calls answer 500
    hang: bool = False
    drip: float = 0  # seconds between single bytes of the body
    truncate: bool = False  # close the connection in the middle of the body
    huge_bytes: int = 0  # size of a body of spaces
    gzip_bomb_bytes: int = 0  # unpacked size of a gzip body
    key: str = ""  # the only key that is accepted
    models: tuple[str, ...] = ("stub-model",)
    only_listed_models: bool = False
    refuse: bool = False  # answer with the vendor's own refusal
    refuse_at: str = ""  # refuse what holds this text
    seed: int = 1


# How each setting is read out of an address or a command line.
READERS: dict[str, Callable[[str], Any]] = {
    entry.name: {
        "int": int,
        "str": str,
        "bool": lambda word: word == "1",
        "tuple[str, ...]": lambda words: tuple(words.split(",")),
    }.get(str(entry.type), float)
    for entry in fields(Behaviour)
}


@dataclass(kw_only=True)
class Statistics:
    requests: int = 0  # calls for an answer; control and model lists are not counted
    ok: int = 0
    e429: int = 0
    e500: int = 0
    other_errors: int = 0
    broken: int = 0
    records: int = 0  # in answers that are not broken, malformed and repeated ones included
    malformed: int = 0
    duplicates: int = 0
    judged: int = 0  # answers as a judge that are not broken
    passed: int = 0  # records that it found good
    inflight: int = 0
    max_inflight: int = 0
    repeat_ok: int = 0  # a body that was answered well a second time: paid twice


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class StubVendor:
    """The server; a context manager that runs it in a thread of its own."""

    def __init__(self, port: int = 0, **behaviour: Any) -> None:
        self.port = port
        self.behaviour = Behaviour(**behaviour)
        self.stats = Statistics()
        self.requests: deque[Request] = deque(maxlen=500)
        self.maker = RecordMaker(self.behaviour.seed)
        self.fixed: Response | None = None
        self.answered: set[int] = set()
        self.connections: set[Connection] = set()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.server: asyncio.Server | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.ready = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def openai_url(self) -> str:
        return f"{self.url}/v1"

    def set(self, **changes: Any) -> None:
        self.behaviour = replace(self.behaviour, **changes)

    def fail_with(self, status: int, body: Any, **headers: str) -> None:
        """Answer every call like this; header names are written with _ for -."""
        text = body if isinstance(body, str) else json.dumps(body)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.fixed = Response(status, text.encode(), names)

    def heal(self) -> None:
        self.fixed = None

    async def start(self) -> None:
        self.server = await asyncio.get_running_loop().create_server(
            lambda: Connection(self), "127.0.0.1", self.port, backlog=1024
        )
        self.port = self.server.sockets[0].getsockname()[1]

    def _run(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.run_until_complete(self.start())
        self.ready.set()
        self.loop.run_forever()
        self.loop.close()

    def __enter__(self) -> StubVendor:
        self.thread.start()
        self.ready.wait()
        return self

    def __exit__(self, *_exception: object) -> None:
        assert self.loop is not None
        self.loop.call_soon_threadsafe(self._stop)
        self.thread.join()

    def _stop(self) -> None:
        assert self.server is not None
        assert self.loop is not None
        self.server.close()
        for connection in list(self.connections):
            connection.transport.abort()
        # One more turn of the loop, in which the connections end.
        self.loop.call_later(0.01, self.loop.stop)

    # Answers

    def respond(self, request: Request) -> Response:
        path = urlsplit(request.path).path
        if path.startswith("/_stub/"):
            return self.control(request.path)
        if path.endswith("/models"):
            return self.model_list(request)
        self.requests.append(request)
        response = self.fixed or self.fault(request) or self.answer(request)
        if response.status == 200:
            digest = hash(request.body)
            self.stats.repeat_ok += digest in self.answered
            self.answered.add(digest)
        counter = {200: "ok", 429: "e429", 500: "e500"}.get(response.status, "other_errors")
        setattr(self.stats, counter, getattr(self.stats, counter) + 1)
        return response

    def control(self, path: str) -> Response:
        parts = urlsplit(path)
        if parts.path == "/_stub/set":
            self.set(**{name: READERS[name](value) for name, value in parse_qsl(parts.query)})
        return Response(200, json.dumps(asdict(self.stats)).encode())

    def model_list(self, request: Request) -> Response:
        if refused := self.refused_key(request):
            return refused
        if not self.behaviour.models:
            return failure(404, "not_found", "no such path")
        entries = [
            {
                "id": name,
                "object": "model",
                "type": "model",
                "created": 0,
                "owned_by": "stub",
                "display_name": name,
                "created_at": "2026-01-01T00:00:00Z",
            }
            for name in self.behaviour.models
        ]
        page = {"object": "list", "data": entries, "has_more": False}
        return Response(200, json.dumps(page).encode())

    def refused_key(self, request: Request) -> Response | None:
        key = self.behaviour.key
        given = request.headers.get("x-api-key", request.headers.get("authorization", ""))
        if not key or given.removeprefix("Bearer ") == key:
            return None
        return failure(401, "invalid_api_key", f"Incorrect API key provided: {given}")

    def fault(self, request: Request) -> Response | None:
        behaviour = self.behaviour
        if 0 < self.stats.requests <= behaviour.first_fail:
            return failure(500, "server_error", "first calls fail")
        draw = self.maker.random.random()
        if draw < behaviour.p429:
            wait = behaviour.retry_after
            headers = {} if wait is None else {"Retry-After": f"{wait:g}"}
            return failure(429, "rate_limit_exceeded", "slow down", headers)
        if draw < behaviour.p429 + behaviour.p500:
            return failure(500, "server_error", "something broke")
        return self.refused_key(request)

    def answer(self, request: Request) -> Response:
        body = request.json
        behaviour = self.behaviour
        if behaviour.only_listed_models and body["model"] not in behaviour.models:
            return failure(404, "model_not_found", f"The model {body['model']} does not exist")
        if behaviour.huge_bytes:
            return Response(200, b" " * behaviour.huge_bytes)
        if behaviour.gzip_bomb_bytes:
            bomb = gzip_bomb(behaviour.gzip_bomb_bytes)
            return Response(200, bomb, {"Content-Encoding": "gzip"})
        text = self.text(request, body)
        is_anthropic = request.path.split("?")[0].endswith("/messages")
        write = anthropic_body if is_anthropic else openai_body
        word = behaviour.refuse_at
        refuses = behaviour.refuse or (bool(word) and word.encode() in request.body)
        return Response(
            200,
            write(body["model"], text, self.stats.requests, refuses),
            {"x-request-id": f"req-{self.stats.requests}"},
        )

    def text(self, request: Request, body: dict[str, Any]) -> str:
        behaviour = self.behaviour
        mark = COUNT_MARK.findall(request.body)
        if self.maker.random.random() < behaviour.p_broken:
            self.stats.broken += 1
            return "I am afraid that I cannot put this into records today."
        if stub_judge.is_asked(body):
            return self.verdicts(body)
        text, kinds = self.maker.answer(
            asked_schema(body),
            int(mark[-1]) if mark else behaviour.count,
            behaviour.p_malformed,
            behaviour.p_duplicate,
        )
        for name, number in kinds.items():
            setattr(self.stats, name, getattr(self.stats, name) + number)
        return text

    def verdicts(self, body: dict[str, Any]) -> str:
        text, passed = stub_judge.answer(body, self.maker.random, self.behaviour.p_pass)
        self.stats.judged += 1
        self.stats.passed += passed
        return text

    def delay(self) -> float:
        behaviour = self.behaviour
        if not behaviour.latency_sigma:
            return behaviour.latency
        return behaviour.latency * math.exp(behaviour.latency_sigma * self.maker.random.gauss(0, 1))


class Connection(asyncio.Protocol):
    """One client's connection: HTTP/1.1 with keep-alive, one request at a time."""

    def __init__(self, vendor: StubVendor) -> None:
        self.vendor = vendor
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.vendor.connections.add(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self.vendor.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, rest = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _colon, value = line.partition(":")
            headers[name.lower()] = value.strip()
        size = int(headers.get("content-length", 0))
        if len(rest) < size:
            return
        self.buffer = rest[size:]
        method, path, _version = first.split(" ", 2)
        self.serve(Request(method, path, headers, rest[:size]))

    def serve(self, request: Request) -> None:
        if request.path.startswith("/_stub/") or request.method == "GET":
            self.write(self.vendor.respond(request))
            return
        stats = self.vendor.stats
        stats.requests += 1
        stats.inflight += 1
        stats.max_inflight = max(stats.max_inflight, stats.inflight)
        if self.vendor.behaviour.hang:
            self.vendor.requests.append(request)
            return
        response = self.vendor.respond(request)
        delay = self.vendor.delay()
        if delay:
            asyncio.get_running_loop().call_later(delay, self.finish, response)
        else:
            self.finish(response)

    def finish(self, response: Response) -> None:
        self.vendor.stats.inflight -= 1
        self.write(response)

    def write(self, response: Response) -> None:
        if self.transport.is_closing():
            return
        word = STATUS_WORDS.get(response.status, "Other")
        lines = [f"HTTP/1.1 {response.status} {word}", "Content-Type: application/json"]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        lines.append(f"Content-Length: {len(response.body)}\r\n\r\n")
        head = "\r\n".join(lines).encode()
        behaviour = self.vendor.behaviour
        if behaviour.truncate:
            self.transport.write(head + response.body[: len(response.body) // 2])
            self.transport.close()
        elif behaviour.drip:
            self.transport.write(head)
            self.drip(response.body, behaviour.drip)
        else:
            self.transport.write(head + response.body)

    def drip(self, body: bytes, pause: float) -> None:
        if body and not self.transport.is_closing():
            self.transport.write(body[:1])
            asyncio.get_running_loop().call_later(pause, self.drip, body[1:], pause)


def failure(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> Response:
    """An error in a form that both vendors' clients read."""
    error = {"type": code, "code": code, "message": message}
    return Response(status, json.dumps({"type": "error", "error": error}).encode(), headers or {})


def gzip_bomb(size: int) -> bytes:
    """Pack size spaces without ever holding them."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    megabyte = b" " * 1_000_000
    whole, rest = divmod(size, len(megabyte))
    parts = [packer.compress(megabyte) for _ in range(whole)]
    return b"".join([*parts, packer.compress(megabyte[:rest]), packer.flush()])


def asked_schema(body: dict[str, Any]) -> dict[str, Any] | None:
    """The JSON schema in an OpenAI or an Anthropic request."""
    openai = (body.get("response_format") or {}).get("json_schema") or {}
    anthropic = (body.get("output_config") or {}).get("format") or {}
    return openai.get("schema") or anthropic.get("schema")


def openai_body(model: str, text: str, number: int, refuse: bool) -> bytes:
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
    if refuse:
        message |= {"content": None, "refusal": "I cannot help with that."}
    return json.dumps(
        {
            "id": f"chatcmpl-{number}",
            "object": "chat.completion",
            "created": 0,
            "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {
                "prompt_tokens": 50,
                "completion_tokens": len(text) // 4,
                "total_tokens": 50 + len(text) // 4,
            },
        }
    ).encode()


def anthropic_body(model: str, text: str, number: int, refuse: bool) -> bytes:
    return json.dumps(
        {
            "id": f"msg_{number}",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [] if refuse else [{"type": "text", "text": text}],
            "stop_reason": "refusal" if refuse else "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 50, "output_tokens": len(text) // 4},
        }
    ).encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    for name, read in READERS.items():
        parser.add_argument(f"--{name}", type=read)
    options = {
        name: value for name, value in vars(parser.parse_args()).items() if value is not None
    }
    asyncio.run(serve(StubVendor(**options), print))


async def serve(vendor: StubVendor, announce: Callable[..., None]) -> None:
    await vendor.start()
    announce(vendor.url, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    main()
