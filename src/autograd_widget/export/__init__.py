"""Exports of a graph: pages, pictures, documents and programs, and reading documents back."""
