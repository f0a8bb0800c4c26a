"""Links for people without an account: each opens one thing, for a limited time, with a passcode."""
