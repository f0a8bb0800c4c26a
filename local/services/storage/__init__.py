"""Cloud Storage: the JSON API, resumable uploads, V4 signed URLs and object events, kept on disk."""
