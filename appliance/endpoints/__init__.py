"""The doors for programs: DAV, profiles, health. Knocks, decides nothing."""
