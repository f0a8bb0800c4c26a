"""Firestore: Google's emulator behind a proxy that records calls and injects faults."""
