"""Knows what to keep and how to go back. Decides; somebody else carries it out."""
