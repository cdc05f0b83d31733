"""Results to maps, tables and pages; the only stage that writes."""
