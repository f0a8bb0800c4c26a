"""SynapseAI: from a recorded consultation to a signed report and a bill."""

import gc

# While a function is loaded, nearly all new objects stay, and a look at 50,000 of them takes 20 ms.
gc.set_threshold(200_000, 20, 100)


def keep_loaded() -> None:
    """Say that all objects so far live as long as the process: no later collection of garbage looks at them.

    A request leaves some hundred objects behind, so one happens every few hundred requests.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
