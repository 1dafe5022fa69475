"""Says what lives at which address, and who may enter."""
