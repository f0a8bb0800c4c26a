"""A resource of the API up to its handler: routes, roles, bodies, headers and problems; no I/O."""
