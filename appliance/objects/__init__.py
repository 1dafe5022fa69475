"""Understands vCard and iCalendar, leniently. Never changes what a client sent."""
