"""Google's APIs over gRPC by their messages, without Google's clients: what the layers share that call one.

docs/adr/0022 says what is Google's here and what is ours, and why.
"""
