"""Terraform without a registry: a stand-in for the Google providers, from their published schemas."""
