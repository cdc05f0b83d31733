"""Rule sets and official lists over tables: met, not met or unknown for each commune, with the reason."""
