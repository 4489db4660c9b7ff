"""The contracts between the services: topics, events and the public HTTP API. Imports nothing of ours."""
