"""A local Speech-to-Text v2 endpoint that really transcribes."""
