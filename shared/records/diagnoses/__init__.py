"""Codes of diagnoses: the lists of ICD-10, and what is wrong about a code on a day. Pure."""
