"""Use cases of visits: sessions, recordings and transcriptions."""
