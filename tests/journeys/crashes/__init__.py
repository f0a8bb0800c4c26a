"""Functions crash after every call and lose every response; the final state stays the same."""
