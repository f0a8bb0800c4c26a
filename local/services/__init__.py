"""Local stand-ins for Google Cloud services: one package a service."""
