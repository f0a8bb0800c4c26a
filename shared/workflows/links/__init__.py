"""Links for people without an account: issuing, opening and revoking them, whatever they open."""
