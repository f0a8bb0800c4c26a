"""Firebase Authentication: accounts, sign-in and tokens."""
