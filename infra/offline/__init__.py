"""Offline stand-in for the Google Terraform providers, built from their published schemas. See README.md.

This is the whole interface of the package: `OfflineProviders` serves the providers to a real `terraform`, `state_after`
is the state that an applied plan leaves, and `missing_types` lists the types that a configuration uses and the stored
schemas lack.
"""

from infra.offline.servers import OfflineProviders
from infra.offline.state import after as state_after
from infra.offline.usage import missing_types

__all__ = ["OfflineProviders", "missing_types", "state_after"]
