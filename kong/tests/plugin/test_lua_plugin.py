"""What only the Lua plugin has: its place among Kong's plugins, its settings, its filters and its log."""

from dataclasses import asdict

import pytest
from cases import ALICE_OF_A, Request, token
from lua_plugin import LuaPlugin

from kong_stand_in.plugins.learning_platform import Settings


@pytest.fixture
def plugin() -> LuaPlugin:
    return LuaPlugin()


def test_it_runs_after_jwt_and_before_rate_limiting(plugin: LuaPlugin) -> None:
    assert 910 < plugin.handler.PRIORITY < 1450
    assert plugin.handler.VERSION


def test_its_settings_have_a_description_and_the_defaults_of_the_twin(plugin: LuaPlugin) -> None:
    assert plugin.schema_defaults() == asdict(Settings())
    assert all(len(attributes.description) > 20 for attributes in plugin.schema_fields().values())


@pytest.mark.parametrize("source", ["exit", "error"])
def test_an_error_of_kong_or_nginx_is_replaced_whole_at_the_last_chunk(plugin: LuaPlugin, source: str) -> None:
    answer = plugin.filter(502, source)

    assert answer.body is not None
    assert plugin.body_chunk("Kong's own text", False) is None
    assert plugin.body_chunk("", True) == answer.body.decode()


def test_a_services_own_error_passes_untouched_but_for_the_request_id(plugin: LuaPlugin) -> None:
    answer = plugin.filter(404, "service", given_id="req-7")

    assert answer.body is None
    assert answer.headers == {"x-request-id": "req-7"}


def test_a_success_passes_untouched(plugin: LuaPlugin) -> None:
    assert plugin.filter(200, "exit").body is None


def test_an_error_before_rewrite_still_has_a_request_id(plugin: LuaPlugin) -> None:
    plugin.handle(Request())
    plugin.lua.execute("kong.ctx.plugin = {}")
    plugin.world.response.status, plugin.world.response.source = 400, "error"
    plugin.world.run(plugin.handler.header_filter, plugin.handler, plugin.conf)

    assert len(plugin.world.response.headers["x-request-id"]) == 32


def test_the_log_names_the_user_and_keeps_no_place_where_a_token_may_stand(plugin: LuaPlugin) -> None:
    plugin.handle(Request([token()]))
    edits = plugin.log_edits()

    assert edits["user_id"] == ALICE_OF_A
    assert edits["request.uri"] == "/v1/api/documents"
    for secret in ("request.url", "request.querystring", "upstream_uri", "request.headers.cookie"):
        assert edits[secret] is None


def test_without_a_verified_token_nobody_is_named(plugin: LuaPlugin) -> None:
    assert "x-user-id" not in plugin.handle(Request()).upstream
