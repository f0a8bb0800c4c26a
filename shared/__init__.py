"""SynapseAI: from a recorded consultation to a signed report and a bill."""
