"""Runs the real plugins/learning-platform/*.lua under LuaJIT (the interpreter inside the lupa wheel) on a fake Kong."""

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cases import GENERATED_ID, NOW, Answer, Outcome, Request
from lupa.luajit21 import LuaRuntime

PLUGIN = Path(__file__).parents[2] / "plugins" / "learning-platform"
_FAKE_KONG = Path(__file__).with_name("fake_kong.lua")


class LuaPlugin:
    """The plugin's phases in Kong's order; the jwt plugin between them takes every token for genuine."""

    def __init__(self) -> None:
        self.lua = LuaRuntime(unpack_returned_tuples=True)
        self._null = self.lua.eval("newproxy()")
        self.world = self.lua.execute(_FAKE_KONG.read_text(), self._lent())
        self._preload("kong.plugins.learning-platform.problems", PLUGIN / "problems.lua")
        self.handler = self.lua.execute((PLUGIN / "handler.lua").read_text())
        self.is_unreadable = self.lua.eval(
            "function(t) return require('kong.plugins.jwt.jwt_parser'):new(t) == nil end"
        )
        self.conf = self.lua.table_from(self.schema_defaults())

    def handle(self, request: Request) -> Outcome:
        self._begin(request)
        if self.world.run(self.handler.rewrite, self.handler, self.conf):
            token = next((value for name, value in request.headers if name == "Authorization"), None)
            if token is not None and self.is_unreadable(token.removeprefix("Bearer ")):
                return Outcome(401, self._flat(self.world.upstream))  # the jwt plugin's own answer
            if token is not None:
                self.lua.globals().kong.ctx.shared.authenticated_jwt_token = token.removeprefix("Bearer ")
                self.world.consumer = self.lua.table_from({"custom_id": request.custom_id})
            self.world.run(self.handler.access, self.handler, self.conf)
        return Outcome(self.world.exit_status, self._flat(self.world.upstream))

    def answer(self, status: int, *, path: str = "/v1/api/documents", given_id: str | None = None) -> Answer:
        return self.filter(status, "exit", path=path, given_id=given_id)

    def filter(
        self, status: int, source: str, *, path: str = "/v1/api/documents", given_id: str | None = None
    ) -> Answer:
        """What header_filter and body_filter make of a reply with this status from `source`."""
        self._begin(Request(headers=[("X-Request-Id", given_id)] if given_id else [], path=path))
        self.world.run(self.handler.rewrite, self.handler, self.conf)
        self.world.response.status, self.world.response.source = status, source
        self.world.run(self.handler.header_filter, self.handler, self.conf)
        first, last = self.body_chunk("original ", False), self.body_chunk("body", True)
        body = None if (first, last) == ("original ", "body") else ((first or "") + (last or "")).encode()
        return Answer(self._flat(self.world.response.headers), body)

    def body_chunk(self, chunk: str, is_last: bool) -> str | None:
        arg = self.lua.globals().ngx.arg
        arg[1], arg[2] = chunk, is_last
        self.world.run(self.handler.body_filter, self.handler, self.conf)
        passed: str | None = arg[1]
        return passed

    def log_edits(self) -> dict[str, object]:
        """What the log phase sets in the serialised request; None stands for what it removes."""
        self.world.run(self.handler.log, self.handler, self.conf)
        return {edit.key: edit.value for edit in self.world.log.values()}

    def schema_defaults(self) -> dict[str, object]:
        return {name: attributes.default for name, attributes in self.schema_fields().items()}

    def schema_fields(self) -> dict[str, Any]:
        self.lua.execute('package.preload["kong.db.schema.typedefs"] = function() return {} end')
        schema = self.lua.execute((PLUGIN / "schema.lua").read_text())
        (config,) = (entry.config for entry in schema.fields.values() if entry.config)
        return {name: attributes for entry in config.fields.values() for name, attributes in entry.items()}

    def _begin(self, request: Request) -> None:
        headers: dict[str, Any] = {}
        for name, value in request.headers:
            headers.setdefault(name.lower(), []).append(value)
        table = {
            name: values[0] if len(values) == 1 else self.lua.table_from(values) for name, values in headers.items()
        }
        self.world.reset(
            self.lua.table_from(
                {
                    "headers": self.lua.table_from(table),
                    "path": request.path,
                    "now": NOW,
                    "generated_id": GENERATED_ID,
                }
            )
        )

    def _flat(self, headers: Any) -> Mapping[str, str]:
        return {name: value if isinstance(value, str) else ", ".join(value.values()) for name, value in headers.items()}

    def _preload(self, module: str, path: Path) -> None:
        load = self.lua.eval("function(source) return assert(loadstring(source)) end")
        self.lua.globals().package.preload[module] = load(path.read_text())

    def _lent(self) -> Any:
        return self.lua.table_from(
            {
                "json_encode": lambda table: json.dumps(dict(table.items()), sort_keys=True),
                "json_decode": self._decode,
                "sha256_hex": lambda text: hashlib.sha256(text.encode()).hexdigest(),
            }
        )

    def _decode(self, part: str) -> Any:
        try:
            decoded = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
            json.dumps(decoded, ensure_ascii=False).encode()  # cjson refuses half of a surrogate pair
        except ValueError:
            return None
        return self._to_lua(decoded)

    def _to_lua(self, value: Any) -> Any:
        if value is None:
            return self._null
        if isinstance(value, dict):
            return self.lua.table_from({key: self._to_lua(item) for key, item in value.items()})
        if isinstance(value, list):
            return self.lua.table_from([self._to_lua(item) for item in value])
        return value
