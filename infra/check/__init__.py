"""Checks of the deployment that need no cloud: `python -m infra.check`, or `make infra-check`."""
