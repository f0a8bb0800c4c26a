"""Razorpay's API, as far as it makes payment links, and the events that it sends."""
