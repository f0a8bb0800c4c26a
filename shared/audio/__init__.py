"""Audio files by their content: containers are parsed without decoding, samples are decoded for their levels alone."""
