"""The trees as they were: everything behind `/dav/at/<moment>/`, and single versions (protocol F). Only to look at."""
