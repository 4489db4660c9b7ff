-- The gateway's own errors by status: the `name` that ends the problem's type, its title, and a
-- detail that tells the client what to do and nothing of our insides. (417 is how Kong says 413
-- to a client that asked before sending.)

local by_status = {
  [400] = { "bad-request", "The request cannot be understood",
            "The request line or a header is malformed or given twice." },
  [401] = { "unauthenticated", "A valid bearer token is required",
            "Send a valid, unexpired token as 'Authorization: Bearer <token>'." },
  [403] = { "forbidden", "The request is not allowed",
            "The token does not give access to this." },
  [404] = { "not-found", "Not found",
            "No operation of the API has this method and path." },
  [405] = { "method-not-allowed", "The method is not allowed here",
            "Use a method that the API documents for this path." },
  [408] = { "request-timeout", "The request took too long to arrive",
            "Send the whole request without long pauses." },
  [411] = { "length-required", "A Content-Length is required",
            "Send the size of the body in Content-Length." },
  [413] = { "payload-too-large", "The request body is too large",
            "Send a smaller body." },
  [414] = { "uri-too-long", "The request's address is too long",
            "Send a shorter path or query." },
  [417] = { "payload-too-large", "The request body is too large",
            "Send a smaller body; this one was refused before it was sent." },
  [426] = { "upgrade-required", "HTTPS is required",
            "Send the request over HTTPS." },
  [429] = { "too-many-requests", "Too many requests",
            "Wait for the seconds given in Retry-After, then try again." },
  [431] = { "request-header-fields-too-large", "The request's headers are too large",
            "Send fewer or shorter headers." },
  [500] = { "internal-error", "The server failed to handle the request",
            "Try again later; quote the request_id when you report this." },
  [502] = { "bad-gateway", "The service behind the gateway cannot be reached",
            "Try again in a moment." },
  [503] = { "service-unavailable", "The service cannot answer at the moment",
            "Try again in a moment." },
  [504] = { "gateway-timeout", "The service behind the gateway took too long",
            "The request may still have taken effect: look before you send it again." },
}

local problems = {}

--- The name, title and detail of a status; one that is not listed gets those of its class.
function problems.of(status)
  local problem = by_status[status] or (status < 500 and by_status[400]) or by_status[500]
  return problem[1], problem[2], problem[3]
end

return problems
