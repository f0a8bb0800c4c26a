"""Firestore's API as the store uses it: BatchGetDocuments, RunQuery, RunAggregationQuery and Commit.

Why not google-cloud-firestore: docs/adr says what is Google's here and what is ours, with the figures.
"""
