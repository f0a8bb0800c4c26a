"""The OpenAPI document of the API: its generator and its examples."""
