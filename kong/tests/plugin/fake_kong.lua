-- The part of Kong's PDK, of OpenResty and of the jwt plugin's parser that the plugin uses, as Kong 3.9 has it.
-- Called with functions that Python lends: json_decode, json_encode, base64url_decode (nil when it cannot), sha256_hex.

local lent = ...
local world = { request = {}, upstream = {}, response = {}, log = {}, ctx = {} }

function world.reset(request)
  world.request = request
  world.upstream = {}
  for name, value in pairs(request.headers) do
    world.upstream[name] = value
  end
  world.response = { status = nil, headers = {}, source = nil }
  world.log = {}
  world.exit_status = nil
  kong.ctx.plugin = {}
  kong.ctx.shared = {}
  world.consumer = nil
end

local EXIT = {} -- what kong.response.exit throws to leave the phase

--- Runs one phase; true unless the plugin left it by kong.response.exit.
function world.run(phase, ...)
  local ok, err = pcall(phase, ...)
  if not ok and err ~= EXIT then
    error(err, 0)
  end
  return ok
end

kong = {
  ctx = { plugin = {}, shared = {} },
  client = { get_consumer = function() return world.consumer end },
  request = {
    get_headers = function(_) return world.request.headers end,
    get_header = function(name)
      local value = world.request.headers[name:lower()]
      return type(value) == "table" and value[1] or value
    end,
    get_raw_path = function() return world.request.path end,
  },
  service = {
    request = {
      set_header = function(name, value) world.upstream[name:lower()] = value end,
      clear_header = function(name) world.upstream[name:lower()] = nil end,
    },
  },
  response = {
    exit = function(status) world.exit_status = status; error(EXIT, 0) end,
    get_status = function() return world.response.status end,
    get_source = function() return world.response.source end,
    get_header = function(name) return world.response.headers[name:lower()] end,
    set_header = function(name, value) world.response.headers[name:lower()] = tostring(value) end,
  },
  log = {
    set_serialize_value = function(key, value)
      world.log[#world.log + 1] = { key = key, value = value, is_removed = value == nil }
    end,
  },
}

ngx = {
  arg = {},
  var = setmetatable({}, { __index = function(_, name) return name == "request_id" and world.request.generated_id or nil end }),
  time = function() return world.request.now end,
}

package.preload["cjson.safe"] = function() return { encode = lent.json_encode } end
package.preload["resty.string"] = function() return { to_hex = function(digest) return digest end } end
package.preload["resty.sha256"] = function()
  return {
    new = function()
      local data = ""
      return {
        update = function(_, more) data = data .. more end,
        final = function() return lent.sha256_hex(data) end,
      }
    end,
  }
end

-- Indexes what it has decoded unchecked, as the real one does: a header that is a number raises.
package.preload["kong.plugins.jwt.jwt_parser"] = function()
  local parser = {}
  function parser:new(token)
    local head, body = token:match("^([^.]*)%.([^.]*)%.")
    local header, claims = head and lent.json_decode(head), body and lent.json_decode(body)
    if header == nil or claims == nil then
      return nil, "invalid JSON"
    end
    local alg = header.alg
    if type(alg) ~= "string" or not ({ RS256 = true, HS256 = true })[alg] then
      return nil, "invalid alg"
    end
    return { header = header, claims = claims }
  end
  return parser
end

-- A misspelt name or a forgotten `local` is an error here, as luacheck would have it.
setmetatable(_G, {
  __index = function(_, name) error("unknown global " .. name, 2) end,
  __newindex = function(_, name) error("new global " .. name, 2) end,
})

return world
