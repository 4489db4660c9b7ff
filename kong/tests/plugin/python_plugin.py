"""The stand-in's twin of the plugin, driven through the same phases as the Lua one."""

from cases import GENERATED_ID, NOW, Answer, Outcome, Request
from multidict import CIMultiDict

from kong_stand_in.exchange import Exchange, Exit
from kong_stand_in.plugins import jwt, learning_platform


class PythonPlugin:
    def handle(self, request: Request) -> Outcome:
        exchange = self._begin(request)
        refused = None
        try:
            learning_platform.rewrite(exchange)
            token = learning_platform.bearer_token(exchange.headers)
            if token is not None:
                unverified = jwt.read_unverified(token)
                if unverified is None:
                    raise Exit(401)  # the jwt plugin's own answer
                claims = unverified[1]
                assert isinstance(claims, dict)
                learning_platform.access(exchange, jwt.Verified(claims, request.custom_id), NOW)
        except Exit as reply:
            refused = reply.status
        upstream = {name.lower(): ", ".join(exchange.headers.getall(name)) for name in exchange.headers}
        return Outcome(refused, upstream)

    def answer(self, status: int, *, path: str = "/v1/api/documents", given_id: str | None = None) -> Answer:
        exchange = self._begin(Request(headers=[("X-Request-Id", given_id)] if given_id else []))
        learning_platform.rewrite(exchange)
        body, headers = learning_platform.problem(learning_platform.Settings(), status, path, exchange.request_id)
        named = {"X-Request-Id": exchange.request_id, **headers}
        return Answer({name.lower(): value for name, value in named.items()}, body)

    def _begin(self, request: Request) -> Exchange:
        headers = CIMultiDict(request.headers)
        return Exchange("GET", request.path, "127.0.0.1", request_id=GENERATED_ID, headers=headers)
