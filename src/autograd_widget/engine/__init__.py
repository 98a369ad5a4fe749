"""Scalars that remember what they were computed from, and the backward pass; standard library only."""
