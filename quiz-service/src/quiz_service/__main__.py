"""`python -m quiz_service api | worker | all | migrate | rebuild | republish | erase`."""

if __name__ == "__main__":
    # Not above: every process of the engine pool imports this module, and would load the whole service with it.
    from quiz_service.cli import run

    raise SystemExit(run())
