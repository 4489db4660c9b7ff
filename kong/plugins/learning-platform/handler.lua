-- Who is asking, and how the gateway's own errors look.
--
-- rewrite (before every other plugin): client-sent identity headers go, the request id is checked,
--   and tokens whose shape would make the jwt plugin answer 500 are refused with 401.
-- access (PRIORITY 1400: after jwt 1450, before rate-limiting 910): X-User-Id from the verified token.
-- header_filter, body_filter: every error that is not a service's own becomes application/problem+json.

local cjson = require "cjson.safe"
local jwt_parser = require "kong.plugins.jwt.jwt_parser"
local problems = require "kong.plugins.learning-platform.problems"
local sha256 = require "resty.sha256"
local to_hex = require("resty.string").to_hex

local kong = kong
local ngx = ngx
local type = type
local pairs = pairs
local pcall = pcall

local MAX_HEADERS = 1000
local MAX_REQUEST_ID_LENGTH = 128
local REQUEST_ID = "X-Request-Id"
local USER_ID = "X-User-Id"
local USER_ID_DIGITS = 32
local IDENTITY_PREFIXES = { "x-user-", "x-consumer-", "x-credential-", "x-anonymous-" }

local LearningPlatform = {
  PRIORITY = 1400,
  VERSION = "0.1.0",
}

local function is_identity_header(name)
  for _, prefix in pairs(IDENTITY_PREFIXES) do
    if name:sub(1, #prefix) == prefix then
      return true
    end
  end
  return false
end

-- Servers behind us may read `X_User_Id` as `X-User-Id`, while clear_header knows only the spelling it is given.
local function clear_identity_headers()
  local count = 0
  for name, value in pairs(kong.request.get_headers(MAX_HEADERS)) do
    count = count + (type(value) == "table" and #value or 1)
    local canonical = name:lower():gsub("_", "-")
    if is_identity_header(canonical) or (canonical == "x-request-id" and name:find("_", 1, true)) then
      kong.service.request.clear_header(name)
    end
  end
  return count
end

local function is_request_id(value)
  return type(value) == "string" and #value <= MAX_REQUEST_ID_LENGTH and value:find("^[%w%._%-]+$") ~= nil
end

local function choose_request_id()
  local given = kong.request.get_headers(MAX_HEADERS)["x-request-id"]
  return is_request_id(given) and given or ngx.var.request_id
end

-- Finds the token where the jwt plugin finds it.
local function bearer_token()
  local authorization = kong.request.get_header("authorization")
  return authorization and authorization:match("[Bb]earer%s+(.+)")
end

-- The jwt plugin indexes header and claims unchecked and uses the key id as a cache key:
-- anything but an object with a text `kid` ends there in a 500. A `kid` among the claims would
-- beat the header's, so it is refused. Other bad tokens are left to the jwt plugin's 401.
local function would_break_jwt(token)
  local parsed, jwt = pcall(jwt_parser.new, jwt_parser, token)
  if not parsed then
    return true
  end
  if not jwt then
    return false
  end
  local header, claims = jwt.header, jwt.claims
  if type(header) ~= "table" or type(claims) ~= "table" then
    return true
  end
  return type(header.kid) ~= "string" or claims.kid ~= nil or type(claims.iss) ~= "string"
end

local function is_subject(sub)
  return type(sub) == "string" and sub ~= "" and sub:find("%c") == nil
end

local function has_begun(not_before)
  return not_before == nil or (type(not_before) == "number" and not_before <= ngx.time())
end

-- The owner id of the whole platform: two issuers' equal subjects are two users.
local function owner_id(issuer, subject)
  local digest = sha256:new()
  digest:update(issuer .. "\n" .. subject)
  return to_hex(digest:final()):sub(1, USER_ID_DIGITS)
end

function LearningPlatform:rewrite()
  local header_count = clear_identity_headers()
  local request_id = choose_request_id()
  kong.ctx.plugin.request_id = request_id
  kong.service.request.set_header(REQUEST_ID, request_id)

  if header_count >= MAX_HEADERS then
    return kong.response.exit(431) -- beyond this the walk above sees only a part
  end

  local token = bearer_token()
  if token and would_break_jwt(token) then
    return kong.response.exit(401)
  end
end

function LearningPlatform:access()
  local token = kong.ctx.shared.authenticated_jwt_token
  if not token then
    return
  end

  local claims = jwt_parser:new(token).claims
  local consumer = kong.client.get_consumer()
  -- With the key chosen by `kid`, the jwt plugin does not look at `iss`.
  local is_issuer = consumer ~= nil and consumer.custom_id == claims.iss
  if not (is_issuer and is_subject(claims.sub) and has_begun(claims.nbf)) then
    return kong.response.exit(401)
  end

  local user_id = owner_id(claims.iss, claims.sub)
  kong.ctx.plugin.user_id = user_id
  kong.service.request.set_header(USER_ID, user_id)
end

function LearningPlatform:header_filter(conf)
  -- nginx refuses a malformed request before rewrite has run
  local request_id = kong.ctx.plugin.request_id or ngx.var.request_id
  kong.response.set_header(REQUEST_ID, request_id)

  local status = kong.response.get_status()
  if status < 400 or kong.response.get_source() == "service" then
    return
  end

  local name, title, detail = problems.of(status)
  local body = cjson.encode({
    type = conf.problem_urn_prefix .. name,
    title = title,
    status = status,
    detail = detail,
    instance = kong.request.get_raw_path(),
    request_id = request_id,
  })
  kong.ctx.plugin.problem = body
  kong.response.set_header("Content-Type", "application/problem+json")
  kong.response.set_header("Content-Length", #body)
  if status == 401 and not kong.response.get_header("WWW-Authenticate") then
    kong.response.set_header("WWW-Authenticate", 'Bearer realm="' .. conf.realm .. '"')
  elseif status == 503 and not kong.response.get_header("Retry-After") then
    kong.response.set_header("Retry-After", conf.retry_after_seconds)
  end
end

function LearningPlatform:body_filter()
  local problem = kong.ctx.plugin.problem
  if problem then
    ngx.arg[1] = ngx.arg[2] and problem or nil
  end
end

-- Before file-log (PRIORITY 9). Kong redacts Authorization itself; a token may also stand in the query or a cookie.
function LearningPlatform:log()
  kong.log.set_serialize_value("user_id", kong.ctx.plugin.user_id)
  kong.log.set_serialize_value("request_id", kong.ctx.plugin.request_id)
  kong.log.set_serialize_value("request.uri", kong.request.get_raw_path())
  for _, secret in pairs({ "request.url", "request.querystring", "upstream_uri",
                           "request.headers.cookie", "request.headers.x-api-key",
                           "response.headers.set-cookie" }) do
    kong.log.set_serialize_value(secret, nil)
  end
end

return LearningPlatform
