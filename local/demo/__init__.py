"""The demo: one consultation, played by client apps against a local stack of its own."""
