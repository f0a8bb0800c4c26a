"""Word lists: one package a language; checks and other rules have no words of their own."""
