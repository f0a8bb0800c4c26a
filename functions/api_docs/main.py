"""/api/v1/openapi.json and /api/v1/docs; and "not found" for the paths of no other function"""

from __future__ import annotations

from pathlib import Path

from shared.web import docs_site

main = docs_site.function(Path(__file__).with_name("openapi.json"))
