"""The pages of links: HTML for people without an account, without scripts, cookies or anything from elsewhere."""
