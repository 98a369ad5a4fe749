"""Everything a graph can be taken away as, and read back from."""
