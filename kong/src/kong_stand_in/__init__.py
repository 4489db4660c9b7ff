"""Runs the platform's kong.yml without Kong: what a client sees is what Kong 3.9 would show it."""
