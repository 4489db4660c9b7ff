"""Fixtures and fakes for tests of the chassis and the services; the pytest plugin is `chassis.testing.plugin`."""
