"""A dose list back to its sender: `plain` sheets from what is stored, or `on_original`, the very workbook that came."""
