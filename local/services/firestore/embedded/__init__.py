"""google.firestore.v1 on SQLite: the RPCs that the product, the stack and the tests use."""
