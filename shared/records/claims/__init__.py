"""Checks of what a report claims against what was said: pure, without a model, in any language that has word lists."""
