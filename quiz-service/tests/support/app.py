"""Clients that speak to the HTTP application in this process."""

from functools import partial

from chassis.testing import services

READ_AND_WRITE = ("quiz:read", "quiz:write")

client_for = partial(services.client_for, scopes=READ_AND_WRITE)
