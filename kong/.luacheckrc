std = "ngx_lua"
globals = { "kong" }
max_line_length = 120
files["plugins/learning-platform/handler.lua"] = { ignore = { "212/self" } }
