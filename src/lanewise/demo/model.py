"""A scripted model: an HTTP server on loopback that speaks enough of the Anthropic Messages API for a real client.

Three kinds of request arrive. Those without tools are the client's side errands (a title, a quota probe) and get a
harmless word. Those that summarise a conversation (compaction) get a fixed summary. All others are turns of a
conversation: the main one, or a subagent's, which names itself in a header; each plays its own script. A retried
request gets the answer it missed, so no step is lost.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, cast

AGENT_HEADER = "x-claude-code-agent-id"
SESSION_HEADER = "x-claude-code-session-id"
RETRY_HEADER = "x-stainless-retry-count"
REMINDER = "<system-reminder>"
SUMMARISE = "Your task is to create a detailed summary of"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Say:
    """Final words: they end the turn."""

    text: str


@dataclass(frozen=True, slots=True)
class Use:
    """One tool call."""

    tool: str
    input: Mapping[str, object]


Step = Say | tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A step that is answered only after `release` is set; `reached` is set when the client waits for it."""

    step: Step
    reached: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What the client told the model about one tool call."""

    tool_use_id: str
    tool: str
    is_error: bool
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """A conversation so far, as the model sees it."""

    session_id: str
    agent_id: str  # empty in the main conversation
    prompts: tuple[str, ...]  # what the user (or the parent agent) wrote
    context: tuple[str, ...]  # what client and hooks added: system texts and reminders
    results: tuple[ToolResult, ...]
    turns: int  # the model's own messages so far

    @property
    def prompt(self) -> str:
        return self.prompts[0] if self.prompts else ""

    @property
    def last(self) -> ToolResult | None:
        return self.results[-1] if self.results else None


Script = Callable[[Transcript], Step | Held] | Sequence[Step | Held]


class ScriptedModel:
    """Serves a script; use as a context manager. A script that raised makes the exit raise."""

    def __init__(self, script: Script, *, subagent: Script = ()) -> None:
        """A sequence plays one step a turn (then says "done"); each subagent plays `subagent` from its start."""
        self.requests: list[Json] = []  # turns of the main conversation
        self.subagent_requests: list[Json] = []
        self.side_requests: list[Json] = []  # titles, probes, summaries: no step was played
        self.errors: list[Exception] = []
        self._script, self._subagent = script, subagent
        self._played: dict[str, int] = {}
        self._answers: dict[tuple[str, str, int], list[Json]] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self.errors and kind is None:
            raise self.errors[0]

    def transcript(self) -> Transcript | None:
        """The main conversation as last sent, or None before the first turn."""
        return transcript_of(self.requests[-1]) if self.requests else None

    def tool_results(self) -> list[ToolResult]:
        """What the client told the model back, each result once, in order; subagents' results come last."""
        seen: dict[str, ToolResult] = {}
        for body in (*self.requests, *self.subagent_requests):
            seen |= {result.tool_use_id: result for result in transcript_of(body).results}
        return list(seen.values())

    def answer(self, body: Json, headers: Mapping[str, str]) -> list[Json]:
        """The content blocks that answer one request."""
        agent, session = headers.get(AGENT_HEADER, ""), headers.get(SESSION_HEADER, "")
        if _is_errand(body):
            self.side_requests.append(body)
            return [{"type": "text", "text": "<summary>nothing yet</summary>" if body.get("tools") else "ok"}]
        turn = (session, agent, len(body["messages"]))
        with self._lock:
            if headers.get(RETRY_HEADER, "0") != "0" and turn in self._answers:
                return self._answers[turn]
            (self.subagent_requests if agent else self.requests).append(body)
        blocks = _blocks(self._play(transcript_of(body, agent, session)))
        self._answers[turn] = blocks
        return blocks

    def _play(self, so_far: Transcript) -> Step:
        script = self._subagent if so_far.agent_id else self._script
        with self._lock:
            turn = self._played.get(so_far.agent_id, 0)
            self._played[so_far.agent_id] = turn + 1
        if not callable(script):
            return self._wait(script[turn]) if turn < len(script) else Say("done")
        try:
            return self._wait(script(so_far))
        except Exception as error:  # noqa: BLE001 - the script is the caller's: its error is handed to the caller at exit
            self.errors.append(error)
            return Say(f"the script failed: {error!r}")

    def _wait(self, step: Step | Held) -> Step:
        if not isinstance(step, Held):
            return step
        step.reached.set()
        while not (step.release.wait(0.05) or self._closing.is_set()):
            pass
        return step.step


def transcript_of(body: Json, agent_id: str = "", session_id: str = "") -> Transcript:
    """Read a request body as a conversation."""
    prompts: list[str] = []
    context = _texts(body.get("system", ""))
    results: list[ToolResult] = []
    tools: dict[str, str] = {}
    messages = body.get("messages", [])
    for message in messages:
        content, role = message["content"], message["role"]
        for text in _texts(content) if role != "assistant" else ():
            (context if role == "system" or text.lstrip().startswith(REMINDER) else prompts).append(text)
        for block in content if isinstance(content, list) else ():
            if block["type"] == "tool_use":
                tools[block["id"]] = block["name"]
            elif block["type"] == "tool_result":
                results.append(_result(block, tools))
    turns = sum(message["role"] == "assistant" for message in messages)
    return Transcript(session_id, agent_id, tuple(prompts), tuple(context), tuple(results), turns)


def _result(block: Json, tools: Mapping[str, str]) -> ToolResult:
    identity, text = block["tool_use_id"], "\n".join(_texts(block.get("content", "")))
    return ToolResult(identity, tools.get(identity, ""), bool(block.get("is_error")), text)


def _texts(content: str | list[Json]) -> list[str]:
    if isinstance(content, str):
        return [content]
    return [block["text"] for block in content if block.get("type") == "text"]


def _is_errand(body: Json) -> bool:
    messages = body.get("messages", [])
    if not body.get("tools") or not messages:
        return True
    return any(SUMMARISE in text for text in _texts(messages[-1]["content"]))


def _blocks(step: Step) -> list[Json]:
    if isinstance(step, Say):
        return [{"type": "text", "text": step.text}]
    return [{"type": "tool_use", "id": f"toolu_{uuid.uuid4().hex[:24]}", "name": use.tool, "input": dict(use.input)}
            for use in step]  # fmt: skip


def _message(body: Json, blocks: list[Json]) -> Json:
    stop = "tool_use" if blocks[-1]["type"] == "tool_use" else "end_turn"
    return {
        "id": f"msg_{uuid.uuid4().hex[:24]}",
        "type": "message",
        "role": "assistant",
        "model": body.get("model", "scripted"),
        "content": blocks,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 5},
    }


def _events(message: Json) -> list[Json]:
    """One message as the server-sent events of a stream."""
    events: list[Json] = [{"type": "message_start", "message": {**message, "content": [], "stop_reason": None}}]
    for index, block in enumerate(message["content"]):
        start: Json
        if block["type"] == "text":
            start = {"type": "text", "text": ""}
            delta = {"type": "text_delta", "text": block["text"]}
        else:
            start = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        events += [
            {"type": "content_block_start", "index": index, "content_block": start},
            {"type": "content_block_delta", "index": index, "delta": delta},
            {"type": "content_block_stop", "index": index},
        ]
    stop = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    return [*events, {"type": "message_delta", "delta": stop, "usage": message["usage"]}, {"type": "message_stop"}]


class _Server(ThreadingHTTPServer):
    def __init__(self, model: ScriptedModel) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.model = model


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._send(b'{"data": []}')

    def do_HEAD(self) -> None:
        self._send(b"")

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.partition("?")[0]
        if path == "/v1/messages/count_tokens":
            self._send(b'{"input_tokens": 10}')
        elif path == "/v1/messages":
            self._converse(json.loads(raw))
        else:
            self._send(b"{}")

    def _converse(self, body: Json) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        model = cast("_Server", self.server).model
        message = _message(body, model.answer(body, headers))
        if not body.get("stream"):
            self._send(json.dumps(message).encode())
            return
        lines = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in _events(message)]
        self._send("".join(lines).encode(), "text/event-stream")

    def _send(self, data: bytes, kind: str = "application/json") -> None:
        try:
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except ConnectionError:  # the client was ended while it waited: that is what halt tests do
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing: stderr belongs to the program that runs the model."""
