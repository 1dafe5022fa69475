"""What `objects` reads of cards and calendars, as claims."""
