"""The benchmark: national-scale inputs made here, our way and the peers' way beside each other."""
