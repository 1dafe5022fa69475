"""What the standards demand: one file per RFC, tables of given, when, then, marked with the section."""
