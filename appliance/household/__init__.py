"""Knows people, devices and shares."""
