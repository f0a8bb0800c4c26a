"""Tests of the embedded Firestore."""
