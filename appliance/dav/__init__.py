"""Speaks the RFCs: methods, reports, properties, conditions. Knows no storage and no Flask."""
