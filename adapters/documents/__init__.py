"""Extracts the text of files: text files and PDFs."""
