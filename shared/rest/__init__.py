"""Google's APIs by REST, without Google's clients and gRPC: what the layers share that call one.

docs/adr/0025 says what is Google's here and what is ours, and why.
"""
