"""SynapseAI: from a recorded consultation to a signed report and a bill."""

import gc

# What imports make, stays, and the collector looked for garbage in it after every 700 objects: a tenth of a cold
# start. A request makes some thousands of objects, so there is still a look every few requests.
gc.set_threshold(50_000, 20, 100)
