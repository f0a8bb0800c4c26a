"""The main journey through the API, from a recorded consultation to a signed report and a paid bill."""
