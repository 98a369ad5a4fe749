"""Accounts of values and gradients: paths, ledger, formulas, reasons."""
