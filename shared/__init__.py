"""SynapseAI: from a recorded consultation to a signed report and a bill."""

import gc

# Objects created at import live forever. With the default threshold the GC rescans them every 700 allocations: 10% of a
# cold start. A request allocates some thousands of objects, so the GC still runs every few requests.
gc.set_threshold(50_000, 20, 100)
