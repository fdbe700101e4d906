"""Runs as values: records, tables, a store on disk, readers."""
