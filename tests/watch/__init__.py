"""The room `watch`: what the background thread does with what somebody noticed."""
