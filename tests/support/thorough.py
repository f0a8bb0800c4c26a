"""The size of the samples of generated cases."""

from __future__ import annotations

import os

THOROUGH = bool(os.environ.get("THOROUGH"))
"""True for the large samples: `make test THOROUGH=1`."""
