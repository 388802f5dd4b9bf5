"""What becomes of the memory when people edit or delete their posts."""
