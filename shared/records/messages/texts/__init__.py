"""The texts of all messages, one module a language. See `text.py`."""
