"""Coverage of a whole project: its provinces one by one, on one process or many, with results kept between runs."""
