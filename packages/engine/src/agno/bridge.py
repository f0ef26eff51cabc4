"""Drives the Agno library for the executor: commands come as lines of JSON on stdin, messages leave on stdout.

Thin on purpose: it builds what Agno needs, passes on what happens, and asks before every tool call. Names, rules and
the words for people are the business of the other side (`bridge-messages.ts` has the messages).
"""

import os
import sys

sys.path.insert(0, sys.argv[1])
# Agno and its friends print to stdout; that is ours alone, so theirs goes where logs go.
OUT = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)

import asyncio
import base64
import importlib
import json
import logging
import platform
import sqlite3
import time
import traceback
import uuid

MAX_LINE = 256 * 1024 * 1024
MAX_RESULT = 200_000
MAX_TOOL_CALLS = 100
CANCEL_SECONDS = 0.7
CLOSE_SECONDS = 2


def send(kind, /, **fields):
    OUT.write(json.dumps({"t": kind, **fields}, default=str).encode("ascii") + b"\n")
    OUT.flush()


try:
    import agno
    from importlib.metadata import version
    from agno.agent import Agent
    from agno.db.base import SessionType
    from agno.db.sqlite import SqliteDb
    from agno.exceptions import AgnoError
    from agno.media import Image
    from agno.run.agent import RunContentEvent, RunOutput
    from agno.run.base import HISTORY_SKIP_STATUSES
    from agno.session.agent import AgentSession
    from agno.session.team import TeamSession
    from agno.tools.function import Function, ToolResult
except Exception as problem:
    traceback.print_exc()
    send("fatal", message=f"{type(problem).__name__}: {problem}", python=platform.python_version())
    sys.exit(3)


class MemoryGone(Exception):
    """The session that a run shall go on in is not in the database, or the database cannot be read."""


class Refused(Exception):
    """A tool call was not made; the model reads why."""


# --- Models ---------------------------------------------------------------------------------------------------------

MODELS = {
    "openai-chat": ("agno.models.openai.like", "OpenAILike"),
    "openai-responses": ("agno.models.openai", "OpenAIResponses"),
    "anthropic": ("agno.models.anthropic", "Claude"),
    "gemini": ("agno.models.google", "Gemini"),
}


def model_class(protocol):
    """The class of Agno for the protocol, changed to keep what a failed call threw: events do not tell the status."""
    module, name = MODELS[protocol]
    base = getattr(importlib.import_module(module), name)

    class Watched(base):
        async def ainvoke_stream(self, *args, **kwargs):
            try:
                async for part in super().ainvoke_stream(*args, **kwargs):
                    yield part
            except Exception as problem:
                self.on_problem(problem)
                raise

    Watched.__name__ = name
    return Watched


CLASSES = {}


def build_model(spec, on_problem):
    protocol = spec["protocol"]
    if protocol not in CLASSES:
        CLASSES[protocol] = model_class(protocol)
    model = CLASSES[protocol](id=spec["id"], api_key="placeholder", **spec["settings"])
    model.on_problem = on_problem
    return model


def facts_of(problem):
    """What a failure says: the provider's status and words, and the names of what was thrown, causes last."""
    chain = []
    while problem is not None and len(chain) < 8:
        chain.append(problem)
        problem = problem.__cause__ or problem.__context__
    # Agno's own say 502 where there was no status.
    statuses = [
        value
        for each in chain
        if not isinstance(each, AgnoError)
        for value in (getattr(each, "status_code", None), getattr(each, "code", None))
        if isinstance(value, int) and 300 <= value < 600
    ]
    bodies = [body for body in (getattr(each, "body", None) for each in chain) if isinstance(body, dict)]
    return {
        "names": [type(each).__name__ for each in chain],
        "message": str(chain[0])[:8000],
        **({"status": statuses[0]} if statuses else {}),
        **({"body": bodies[0]} if bodies else {}),
    }


# --- MCP servers ----------------------------------------------------------------------------------------------------


class Server:
    """One MCP server. A task of its own opens and closes it, because connections must be left where they were entered."""

    def __init__(self, name, spec, connect_seconds):
        self.name = name
        self.connect_seconds = connect_seconds
        self.seconds = spec.get("timeout") or 60
        self.spec = spec
        self.tools = {}
        self.toolkit = None
        self.stop = asyncio.Event()
        self.ready = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(self.live())

    async def live(self):
        try:
            async with self.build() as toolkit:
                self.toolkit = toolkit
                listed = await toolkit.session.list_tools()
                self.tools = {tool.name: tool for tool in listed}
                if not self.ready.done():
                    self.ready.set_result(None)
                await self.stop.wait()
        except BaseException as problem:
            if not self.ready.done():
                self.ready.set_exception(problem if isinstance(problem, Exception) else RuntimeError("stopped"))
            elif not isinstance(problem, asyncio.CancelledError):
                traceback.print_exc()
        finally:
            self.toolkit = None

    def build(self):
        from agno.tools.mcp import MCPTools
        from agno.tools.mcp.params import SSEClientParams, StreamableHTTPClientParams

        # Calls have a clock of their own; this one is for the way to them too, which may take longer than they.
        kind, seconds = self.spec["type"], max(self.seconds, self.connect_seconds)
        if kind == "stdio":
            from mcp import StdioServerParameters

            environment = {**os.environ, **(self.spec.get("env") or {})}
            parameters = StdioServerParameters(
                command=self.spec["command"], args=self.spec.get("args") or [], env=environment
            )
            return MCPTools(server_params=parameters, transport="stdio", timeout_seconds=seconds)
        build, transport = (
            (SSEClientParams, "sse") if kind == "sse" else (StreamableHTTPClientParams, "streamable-http")
        )
        parameters = build(url=self.spec["url"], timeout=seconds, sse_read_timeout=max(300, seconds))
        return MCPTools(server_params=parameters, transport=transport, timeout_seconds=seconds)

    async def connect(self):
        seconds = self.connect_seconds
        try:
            await asyncio.wait_for(asyncio.shield(self.ready), seconds)
        except asyncio.TimeoutError:
            self.task.cancel()
            return f"no answer within {seconds:g} s"
        except Exception as problem:
            return str(problem).strip() or type(problem).__name__
        return None

    async def call(self, tool, arguments):
        if self.toolkit is None:
            raise RuntimeError(f"The MCP server {self.name} has ended.")
        try:
            return await asyncio.wait_for(
                self.toolkit.session.call_tool(tool, arguments, raise_on_error=False), self.seconds
            )
        except asyncio.TimeoutError:
            raise RuntimeError(f"The tool did not answer within {self.seconds:g} s.") from None

    async def close(self):
        self.stop.set()
        _, late = await asyncio.wait([self.task], timeout=CLOSE_SECONDS)
        for task in late:
            task.cancel()


def words_of(result):
    """What an MCP result says, as text, and the images in it."""
    words, images = [], []
    for part in result.content or []:
        kind = getattr(part, "type", "")
        if kind == "text":
            words.append(part.text)
        elif kind == "image":
            images.append(Image(content=base64.b64decode(part.data), mime_type=getattr(part, "mime_type", None)))
            words.append("[An image is attached.]")
        elif kind == "resource" and getattr(part.resource, "text", None) is not None:
            words.append(part.resource.text)
        else:
            words.append(f"[{kind or 'unknown'} content was left out.]")
    text = "\n".join(words)
    structured = getattr(result, "structured_content", None)
    if not text and structured is not None:
        text = json.dumps(structured, default=str)
    if len(text) > MAX_RESULT:
        text = f"{text[:MAX_RESULT]}\n[cut off: {len(text) - MAX_RESULT} more characters]"
    return text, images


# --- Memory ---------------------------------------------------------------------------------------------------------


def remembered(database, session_id, kind):
    """The runs of a session that count: whole turns that were completed."""
    try:
        session = database.get_session(session_id, kind)
    except Exception as problem:
        raise MemoryGone(str(problem)) from problem
    if session is None:
        raise MemoryGone("there is no such session")
    return [
        run for run in session.runs or [] if run.parent_run_id is None and run.status not in HISTORY_SKIP_STATUSES
    ]


def open_session(database, wanted, owner, kind):
    """Session and its runs: the one of the answer that the turn follows, or a copy that ends with that answer."""
    follows = wanted.get("follows")
    if follows is None:
        return wanted["id"], []
    runs = remembered(database, follows["session"], kind)
    place = next((index for index, run in enumerate(runs) if run.run_id == follows["run"]), None)
    if place is None:
        raise MemoryGone("the session does not hold that answer")
    if place == len(runs) - 1:
        return follows["session"], runs
    copied = runs[: place + 1]
    now = int(time.time())
    times = {"session_data": {}, "created_at": now, "updated_at": now}
    session = (
        TeamSession(session_id=wanted["id"], team_id=owner, **times)
        if kind == SessionType.TEAM
        else AgentSession(session_id=wanted["id"], agent_id=owner, **times)
    )
    database.upsert_session(session)
    for index, run in enumerate(copied):
        run.run_id, run.session_id = str(uuid.uuid4()), wanted["id"]
        database.upsert_run(run, session_id=wanted["id"], run_index=index)
    return wanted["id"], copied


def fitting(runs, limit):
    """How many of the newest runs have no more than so many characters."""
    count = 0
    for run in reversed(runs):
        messages = [message for message in run.messages or [] if not message.from_history]
        limit -= sum(len(json.dumps(message.to_dict(), default=str)) for message in messages)
        if limit < 0:
            break
        count += 1
    return count


def open_database(path):
    """The database of sessions; one that is none makes room for a new one."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        check = sqlite3.connect(path)
        check.execute("PRAGMA schema_version").fetchone()
        check.close()
    except sqlite3.DatabaseError:
        for end in ("", "-wal", "-shm"):
            if os.path.exists(path + end):
                os.replace(path + end, f"{path}.broken{end}")
    return SqliteDb(db_file=path)


# --- Runs -----------------------------------------------------------------------------------------------------------


def reduced(event):
    """Those fields of an event that the other side reads."""
    # What a Team tells of itself has the names of what an agent tells, with a word before them.
    kind = event.event.removeprefix("Team")
    fields = {"event": kind, "run": event.run_id}
    if kind in ("RunContent", "RunCompleted", "RunError"):
        content = getattr(event, "content", None)
        if content is not None:
            fields["content"] = content if isinstance(content, str) else json.dumps(content, default=str)
    if kind in ("RunContent", "ReasoningContentDelta"):
        fields["reasoning"] = getattr(event, "reasoning_content", None)
    if kind == "RunError":
        fields["errorType"] = event.error_type
    if kind.startswith("ToolCall") and event.tool is not None:
        tool = event.tool
        fields["tool"] = {
            "id": tool.tool_call_id,
            "name": tool.tool_name,
            "input": tool.tool_args,
            "output": tool.result,
            "isError": bool(tool.tool_call_error),
        }
        if kind == "ToolCallError" and getattr(event, "error", None):
            fields["tool"]["output"] = str(event.error)
    if kind == "ModelRequestCompleted":
        fields["usage"] = {
            "input": event.input_tokens or 0,
            "output": event.output_tokens or 0,
            "reasoning": event.reasoning_tokens or 0,
            "cacheRead": event.cache_read_tokens or 0,
            "cacheWrite": event.cache_write_tokens or 0,
        }
    return {name: value for name, value in fields.items() if value is not None}


# --- Members --------------------------------------------------------------------------------------------------------


def team_class():
    """It takes a second to load, so only who has a Team loads it."""
    return importlib.import_module("agno.team").Team


class Member(Agent):
    """A member of a Team. What happens to it is told as it happens; the leader gets its answer as a whole, for what is
    streamed by several at once would reach it in pieces. Where the member's words are the answer they are streamed."""

    def arun(self, input, **given):
        return self.work(super().arun, input, given)

    async def work(self, start, input, given):
        child = given["run_id"]
        said, problem = [], None
        task = asyncio.current_task()
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        async with self.slots:
            send("member", run=self.turn, child=child, agent=self.id)
            if not self.sees:
                given["images"] = None
            async for event in start(input, **given):
                if isinstance(event, RunOutput):
                    yield event
                    continue
                kind, fields = event.event, reduced(event)
                if self.speaks and kind == "RunContent":
                    # The Team says it, and the whole of it comes with the end.
                    fields.pop("content", None)
                send("event", **fields)
                if kind == "RunError":
                    problem = str(event.content or event.error_type or "no reason given")
                if kind == "RunContent":
                    said.append(event.content if isinstance(event.content, str) else "")
                    if self.speaks:
                        yield event
                elif kind in TERMINAL:
                    yield event
        text = "".join(said)
        if problem is not None:
            text = f"{self.name} could not do it: {problem}"
        elif self.speaks:
            return
        yield RunContentEvent(content=self.signed(text or "(no words)"), run_id=child, agent_id=self.id)

    def signed(self, text):
        """Answers to one question come as one result: each says whose it is, and no line of one passes for another's."""
        if not self.signs:
            return text
        closed = text.replace("</answer", "<\\/answer")
        return f"<answer from={json.dumps(self.name, ensure_ascii=False)}>\n{closed}\n</answer>\n"


TERMINAL = {"RunCompleted": "completed", "RunCancelled": "cancelled", "RunError": "failed"}


class Bridge:
    def __init__(self):
        self.servers = {}
        self.runs = {}
        self.asks = {}
        # Tasks that members work in, by run.
        self.members = {}

    async def open(self, command):
        """Connects to all servers at once, and reads ahead what the first run needs."""
        self.servers = {
            name: Server(name, spec, command["connectSeconds"]) for name, spec in command["servers"].items()
        }

        async def connect(server):
            error = await server.connect()
            tools = [
                {
                    "name": tool.name,
                    "title": getattr(tool, "title", None)
                    or getattr(getattr(tool, "annotations", None), "title", None)
                    or "",
                }
                for tool in server.tools.values()
            ]
            send("mcp", server=server.name, **({"tools": tools} if error is None else {"error": error}))

        for protocol in command["protocols"]:
            if protocol in MODELS and protocol not in CLASSES:
                CLASSES[protocol] = await asyncio.to_thread(model_class, protocol)
        if command["team"]:
            await asyncio.to_thread(team_class)
        await asyncio.gather(*(connect(server) for server in self.servers.values()))
        send("ready", agno=version("agno"), python=platform.python_version())

    def tool(self, run_id, agent_id, offer):
        server = self.servers[offer["server"]]
        definition = server.tools[offer["tool"]]

        async def entrypoint(**arguments):
            arguments = await self.ask(run_id, agent_id, offer["name"], arguments)
            text, images = words_of(result := await server.call(offer["tool"], arguments))
            if result.is_error:
                raise RuntimeError(text or "The tool failed without a reason.")
            return ToolResult(content=text, images=images or None)

        return Function(
            name=offer["name"],
            description=definition.description,
            parameters=definition.input_schema,
            entrypoint=entrypoint,
            skip_entrypoint_processing=True,
        )

    async def ask(self, run_id, agent_id, tool, arguments):
        """Waits until the other side lets the call pass; gives the input that it shall have."""
        ask_id = str(uuid.uuid4())
        verdict = asyncio.get_running_loop().create_future()
        self.asks[ask_id] = verdict
        send("ask", ask=ask_id, run=run_id, agent=agent_id, tool=tool, input=arguments)
        try:
            answer = await verdict
        finally:
            del self.asks[ask_id]
        if answer["decision"] != "allow":
            raise Refused(answer["message"])
        return answer["input"]

    async def run(self, command):
        run_id = command["id"]
        outcome, error = "failed", None
        try:
            outcome = await self.work(command)
        except asyncio.CancelledError:
            outcome = "cancelled"
        except MemoryGone as problem:
            outcome, error = "forgotten", {"message": str(problem)}
        except BaseException as problem:
            traceback.print_exc()
            error = facts_of(problem)
        self.runs.pop(run_id, None)
        self.members.pop(run_id, None)
        send("end", run=run_id, outcome=outcome, **({"error": error} if error else {}))

    async def work(self, command):
        run_id = command["id"]
        lead, team = command["agents"][0], command.get("team")
        database = open_database(command["session"]["database"])
        kind = SessionType.TEAM if team else SessionType.AGENT
        session_id, runs = open_session(database, command["session"], lead["id"], kind)
        count = fitting(runs, command["historyCharacters"])
        send("began", run=run_id, session=session_id, dropped=len(runs) - count)
        memory = {
            "db": database,
            "add_history_to_context": count > 0,
            "num_history_runs": max(1, count),
        }
        if team:
            agent = self.team(run_id, command, {**memory, "num_team_history_runs": max(1, count)})
        else:
            agent = Agent(build_context=False, **self.parts(run_id, lead), **memory)
        images = [
            Image(content=base64.b64decode(image["data"]), mime_type=image["mediaType"])
            for image in command["images"]
        ]
        outcome = None
        stream = agent.arun(
            command["text"],
            images=images or None,
            stream=True,
            stream_events=True,
            run_id=run_id,
            session_id=session_id,
        )
        async for event in stream:
            kind = getattr(event, "event", None)
            if kind is None or event.run_id != run_id or outcome is not None:
                continue
            fields = reduced(event)
            send("event", **fields)
            outcome = TERMINAL.get(fields["event"])
        return outcome or "failed"

    def parts(self, run_id, spec):
        """What an agent is made of, whether it works alone, leads, or is a member."""
        return {
            "id": spec["id"],
            "name": spec["name"],
            "model": build_model(
                spec["model"],
                lambda problem: send("model-error", run=run_id, agent=spec["id"], **facts_of(problem)),
            ),
            "system_message": spec["prompt"] or None,
            "tools": [self.tool(run_id, spec["id"], offer) for offer in spec["tools"]] or None,
            "tool_call_limit": MAX_TOOL_CALLS,
            # Prompts of people have braces.
            "resolve_in_context": False,
            "telemetry": False,
        }

    def team(self, run_id, command, memory):
        from agno.team.mode import TeamMode

        lead, *others = command["agents"]
        mode = TeamMode(command["team"]["mode"])
        slots = asyncio.Semaphore(command["team"]["parallel"])
        members, tasks = [], self.members.setdefault(run_id, set())
        for spec in others:
            member = Member(build_context=False, **self.parts(run_id, spec))
            member.turn, member.slots, member.tasks, member.sees = run_id, slots, tasks, spec["sees"]
            member.speaks, member.signs = mode == TeamMode.route, mode == TeamMode.broadcast
            members.append(member)

        async def gate(function_name, function_call, arguments):
            if function_name.startswith("delegate_task_to_member"):
                arguments = await self.ask(run_id, lead["id"], function_name, arguments)
            result = function_call(**arguments)
            return await result if asyncio.iscoroutine(result) else result

        return team_class()(
            members=members,
            mode=mode,
            **self.parts(run_id, lead),
            **memory,
            tool_hooks=[gate],
            # Who answers the person's message gets it as it is, and knows what was said before it.
            determine_input_for_members=mode == TeamMode.coordinate,
            add_team_history_to_members=mode != TeamMode.coordinate and memory["add_history_to_context"],
            share_member_interactions=mode == TeamMode.broadcast,
            stream_member_events=True,
        )

    async def cancel(self, run_id):
        """The flag of Agno is looked at between events only; who waits for a tool or a person is stopped."""
        task = self.runs.get(run_id)
        if task is None:
            return
        members = self.members.get(run_id, ())
        await (team_class() if run_id in self.members else Agent).acancel_run(run_id)
        for ask in list(self.asks.values()):
            ask.cancel()
        await asyncio.wait([task], timeout=CANCEL_SECONDS)
        for each in [*members, task]:
            each.cancel()

    def handle(self, command):
        kind = command["t"]
        if kind == "open":
            return asyncio.ensure_future(self.open(command))
        if kind == "run":
            self.runs[command["id"]] = asyncio.ensure_future(self.run(command))
        elif kind == "cancel":
            return asyncio.ensure_future(self.cancel(command["run"]))
        elif kind == "verdict":
            ask = self.asks.get(command["ask"])
            if ask is not None and not ask.done():
                ask.set_result(command)
        return None

    async def close(self):
        for task in list(self.runs.values()):
            task.cancel()
        await asyncio.gather(*(server.close() for server in self.servers.values()), return_exceptions=True)


async def main():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=MAX_LINE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    bridge = Bridge()
    # A task that nobody holds may be collected.
    tasks = set()
    while line := await reader.readline():
        task = bridge.handle(json.loads(line))
        if task is not None:
            tasks.add(task)
            task.add_done_callback(tasks.discard)
    await bridge.close()


logging.captureWarnings(True)
asyncio.run(main())
# Threads of tools that do not end must not keep the process.
OUT.flush()
os._exit(0)
