"""The household's pages in a real browser: journeys, accessibility, and how they look on a phone and on a desk."""
