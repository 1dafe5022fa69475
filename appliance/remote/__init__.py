"""Other clouds, as sources of files. Imported lazily: only whoever asks for one pays for it."""
