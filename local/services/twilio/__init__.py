"""Twilio's API, as far as it sends text messages."""
