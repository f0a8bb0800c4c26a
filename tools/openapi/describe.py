"""The OpenAPI 3.1 document, generated from the API's operations.

It is made when the product is built (`make openapi`). No function loads it: it reads docstrings from the sources, which
takes time.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.web.api import Api
from tools.openapi.names import operations_of, path_of
from tools.openapi.operations import describe_operation
from tools.openapi.plain_names import with_plain_names
from tools.openapi.problems import by_status, problems_of, response_name, response_of, schema_name, schema_of
from tools.openapi.references import Schema, reachable
from tools.openapi.schemas import schemas_of

_ABOUT = (
    "Times are RFC 3339 in UTC, money is in minor units. Fields and parameters that an operation does not know are "
    "refused; answers may get new fields. Refusals are `application/problem+json` (RFC 9457), distinguished by `type`, "
    "and name every invalid field."
)
_ID_TOKEN = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A Firebase ID token."}


def describe(apis: Sequence[Api], title: str, version: str) -> Schema:
    """The whole document."""
    operations = [operation for api in apis for operation in api.operations]
    references, schemas = schemas_of(operations)
    paths: dict[str, Schema] = {}
    for api, operation in operations_of(apis):
        paths.setdefault(path_of(api, operation), {})[operation.method.lower()] = describe_operation(
            api, operation, references, schemas
        )
    responses = {response_name(kinds): response_of(kinds) for one in operations for kinds in by_status(one)}
    kinds = sorted({kind for one in operations for kind in problems_of(one)}, key=lambda kind: kind.name)
    problem_schemas = {schema_name(kind): schema_of(kind) for kind in kinds}
    document: Schema = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"idToken": []}],
        "tags": [{"name": name} for name in dict.fromkeys(api.resource for api in apis if api.operations)],
        "paths": paths,
        "components": {
            "schemas": reachable({**schemas, **problem_schemas}, paths, responses),
            "responses": dict(sorted(responses.items())),
            "securitySchemes": {"idToken": _ID_TOKEN},
        },
    }
    return with_plain_names(document, operations)
