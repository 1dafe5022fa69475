"""The pages without a browser: words, guards, routes."""
