"""No stored or logged plaintext names a patient or quotes a visit: database, objects, tasks, events, logs, calls."""
