"""Offline checks of the deployment: `python -m infra.check`, or `make infra-check`."""
