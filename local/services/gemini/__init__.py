"""The local stand-in for Gemini: the same protocol, and a writer that only repeats what was said."""

from local.services.gemini.endpoint import GeminiEndpoint

__all__ = ["GeminiEndpoint"]
