"""The widget in a notebook."""
