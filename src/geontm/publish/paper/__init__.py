"""Print maps: sheets of A4 and A3 as PDF, PNG and SVG, and small pictures of maps, all drawn with matplotlib."""
