"""Gemini: the protocol of Vertex AI, and an extractive writer."""
