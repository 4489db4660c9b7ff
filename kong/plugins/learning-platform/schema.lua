local typedefs = require "kong.db.schema.typedefs"

return {
  name = "learning-platform",
  fields = {
    -- Global only: Kong runs `rewrite` for no other instance, and an instance on
    -- a route or service would replace this one together with its guard.
    { consumer = typedefs.no_consumer },
    { route = typedefs.no_route },
    { service = typedefs.no_service },
    { protocols = typedefs.protocols_http },
    { config = {
        type = "record",
        fields = {
          { realm = {
              description = "The realm named in WWW-Authenticate when a token is missing or refused.",
              type = "string", required = true, default = "learning-platform",
          } },
          { problem_urn_prefix = {
              description = "What stands before the name in the `type` of a problem.",
              type = "string", required = true, default = "urn:learning-platform:problem:",
          } },
          { retry_after_seconds = {
              description = "Retry-After of a 503 for which nothing better is known.",
              type = "integer", required = true, default = 5, between = { 1, 3600 },
          } },
        },
    } },
  },
}
