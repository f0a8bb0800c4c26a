"""Eventarc: Firestore and Storage events, delivered to functions."""
