"""The generation config of a request: what the model refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_THINKING_LEVELS = ("MINIMAL", "LOW", "MEDIUM", "HIGH")


def problem(config: Mapping[str, Any]) -> str | None:
    """Why the model refuses the config. Sampling parameters are ignored, as by Gemini 3.5 Flash-Lite."""
    if config.get("candidateCount", 1) != 1:
        return "Multiple candidates are not supported by this model."
    # Like every JSON form of a protocol buffer, the request may have names in either case; the client sends both.
    thinking = {name.replace("_", "").lower(): value for name, value in (config.get("thinkingConfig") or {}).items()}
    if "thinkinglevel" in thinking and "thinkingbudget" in thinking:
        return "Only one of thinking_budget and thinking_level can be set."
    if thinking.get("thinkinglevel", _THINKING_LEVELS[0]) not in _THINKING_LEVELS:
        return "Invalid value at 'generation_config.thinking_config.thinking_level'."
    return None
