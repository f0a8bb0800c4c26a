"""The word lists, one module a language."""
