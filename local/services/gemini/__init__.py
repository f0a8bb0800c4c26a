"""Gemini: the protocol of Vertex AI, and a writer that only repeats what was said."""
