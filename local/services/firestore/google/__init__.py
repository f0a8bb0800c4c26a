"""Google's Firestore emulator, which needs Java: the reference for the embedded Firestore."""
