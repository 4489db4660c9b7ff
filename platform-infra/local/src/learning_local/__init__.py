"""The platform on one machine: real servers, the gateway and the services, under one supervisor and without Docker."""
